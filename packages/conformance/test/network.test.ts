import type { State, Term } from "@everlearn/contracts";
import { catches } from "./caught.js";
import { checking, gradients, terms, vectors } from "./toy-network.js";

/** Probabilities, made to sum to 1. */
const whole = (probabilities: Float32Array) => {
  const sum = probabilities.reduce((total, p) => total + p, 0);
  return probabilities.map((p) => p / sum);
};

const bare = (batch: readonly Term[]) => batch.map(({ outputs: _outputs, ...term }) => term);
let instances = 0;

catches("network", {
  creation: [checking(() => Object.fromEntries([["logits"]])), "it has no logits"],
  purity: [
    checking(({ logits }) => ({
      logits: (queries) => (performance.now() < 0 ? new Float32Array() : logits(queries)),
    })),
    "it used performance.now()",
  ],
  "options unchanged": [
    checking((_, given) => {
      given.hidden = 3;
      return {};
    }),
    "options.hidden is 3 rather than 12",
  ],
  "inputs unchanged": [
    checking(({ predict }) => ({
      predict(queries) {
        for (const { x } of queries) x[0] = 1;
        return predict(queries);
      },
    })),
    "[0].x[0] is 1 rather than",
  ],
  "same seed": [
    checking(({ descend }) => {
      const own = 1 + instances++ * 1e-3;
      return { descend: (batch, rate, limits) => descend(batch, rate * own, limits) };
    }),
    "of 30 came out otherwise",
  ],
  "plain state": [
    checking(({ theta }) => ({ save: () => ({ theta }) as unknown as State })),
    "in its state network.theta is a ArrayVector",
  ],
  resumption: [checking(() => ({ load() {} })), "came out otherwise"],
  "undisturbed by save": [
    checking(({ save, theta }) => ({
      save() {
        const state = save();
        theta.times(0.99);
        return state;
      },
    })),
    "step 1 of 30 came out otherwise",
  ],
  "saved copy": [
    checking(({ theta, descend }) => {
      const live = theta.toArray();
      return {
        descend(...values) {
          const loss = descend(...values);
          live.set(theta.toArray());
          return loss;
        },
        save: () => live,
      };
    }),
    "in the saved state network[",
  ],
  "loaded copy": [
    checking(({ load, descend, theta }) => {
      let held: Float32Array | undefined;
      return {
        load(state) {
          held = state as Float32Array;
          load(state);
        },
        descend(batch, rate, limits) {
          const loss = descend(batch, rate, limits);
          held?.set(theta.toArray());
          return loss;
        },
      };
    }),
    "in the given state network[",
  ],
  replacement: [
    checking(({ load, descend }) => {
      let steps = 0;
      return {
        load: (state) => (steps > 0 ? undefined : load(state)),
        descend: (...values) => (steps++, descend(...values)),
      };
    }),
    "of 30 came out otherwise",
  ],
  "other seed": [
    checking(({ theta }) => {
      theta.fromArray(theta.toArray().map((_, i) => ((i * 7) % 11) / 11 - 0.5));
      return {};
    }),
    "seeds 1 and 2 give the same θ",
  ],
  vectors: [
    checking(({ vector, theta }) => ({
      vector() {
        const made = vector();
        made.set(theta);
        return made;
      },
    })),
    "vector()[0] is",
  ],
  "vector operations": [vectors((v) => ({ lerp: (from, t) => (v.times(t), v.add(from, 1)) })), "v.lerp(w, 0.3) made"],
  "canonical order": [vectors((v) => ({ toArray: () => v.toArray().reverse() })), "toArray()[0] is"],
  "θ itself": [
    checking(({ logits }) => {
      const answered = new Map<number, Float32Array>();
      return {
        logits(queries) {
          const known = answered.get(queries.length) ?? logits(queries);
          answered.set(queries.length, known);
          return known;
        },
      };
    }),
    "with another network's θ, logits[0] is",
  ],
  gradient: [gradients((into) => into.times(1.1)), "where the loss rises by"],
  "masked gradient": [
    checking(({ gradient, descend }) => ({
      gradient: (batch, into) => gradient(bare(batch), into),
      descend: (batch, rate, limits) => descend(bare(batch), rate, limits),
    })),
    "where the loss rises by",
  ],
  "fast gram": [
    checking(({ gram }) => ({ gram: (all) => (all.length > 4 ? gram(all).reverse() : gram(all)) })),
    "of 5 vectors, that of 0 and 0 is",
  ],
  "fast gradientGram": [
    checking(({ gradientGram }) => ({ gradientGram: (batch) => gradientGram(batch.slice().reverse()) })),
    "of 2 terms, that of 0 and 0 is",
  ],
  "soft targets": [
    terms((term) => ("probabilities" in term ? { ...term, probabilities: whole(term.probabilities) } : term)),
    "among outputs",
  ],
  temperature: [
    // Distillation's usual T² belongs into the weight.
    terms((term) => ("probabilities" in term ? { ...term, weight: (term.temperature ?? 1) ** 2 } : term)),
    "where the loss rises by",
  ],
  "target logits": [
    checking(({ losses }) => ({
      losses: (batch) => losses(batch).map((loss, i) => loss * ("logits" in batch[i] ? 6 : 1)),
    })),
    "losses[0] is",
  ],
  sigmoids: [terms((term) => ("sigmoids" in term ? { x: term.x, sigmoids: term.sigmoids } : term)), "among outputs"],
  "mixed batch": [
    checking(({ gradient }) => ({
      gradient: (batch, into) =>
        gradient(
          batch.map((term) => ({ ...term, weight: 1 })),
          into,
        ),
    })),
    "where the loss rises by",
  ],
  "fast losses": [
    checking(({ losses }) => ({ losses: (batch) => losses(batch).map((loss, i) => loss * (batch[i].weight ?? 1)) })),
    "losses[1] is",
  ],
  weights: [terms((term) => ({ ...term, weight: term.weight || 1 })), "beside a term of weight 0, the gradient["],
  "refused targets": [
    terms((term) =>
      "logits" in term ? { ...term, logits: Float32Array.from({ length: 6 }, (_, o) => term.logits[o]) } : term,
    ),
    "given 5 logits of 6, descend threw",
  ],
  "fast step": [
    checking(({ step, vector }) => ({
      step(gradient, rate) {
        const first = vector();
        if (typeof rate !== "number") first.map(() => rate.toArray()[1]);
        step(gradient, typeof rate === "number" ? rate : first);
      },
    })),
    "after a step with a vector, θ[",
  ],
  tensors: [
    checking(({ tensors }) => ({ tensors: tensors?.map((one) => ({ ...one, axis: one.shape.length - 1 })) ?? [] })),
    "the last layer's weights have",
  ],
  layers: [checking(({ layers }) => ({ layers: [...layers].reverse() })), "with another last layer, features["],
  features: [
    checking(({ features }) => ({ features: (queries) => features(queries).map((value) => value * value) })),
    "no affine function of the features is logit 0",
  ],
  "gradient into": [
    checking(({ gradient, vector }) => ({
      gradient(batch, into) {
        const own = vector();
        const loss = gradient(batch, own);
        into.add(own);
        return loss;
      },
    })),
    "into[0] is",
  ],
  "batch mean": [gradients((into, { length }) => into.times(length)), "the gradient["],
  "fast descend": [
    checking(({ descend }) => ({
      descend: (batch, rate, limits) => batch.map((one) => descend([one], rate / batch.length, limits))[0],
    })),
    "a step on 10 answers a loss of",
  ],
  loss: [
    checking(({ gradient }) => ({ gradient: (batch, into) => gradient(batch, into) / (batch[0].weight ?? 1) })),
    "where the mean of weight · loss of 1 is",
  ],
  divergence: [
    checking(({ descend }) => ({
      descend(batch, rate, limits) {
        try {
          return descend(batch, rate, limits);
        } catch {
          return 0;
        }
      },
    })),
    "where θ is NaN, descend answered",
  ],
  "fast predict": [
    checking(({ predict }) => ({ predict: (queries) => predict(queries.map(({ x }) => ({ x }))) })),
    "unlike what is derived, the prediction[",
  ],
  backward: [
    checking(({ backward }) => ({
      backward: (batch, logits, ...rest) => backward(batch, logits?.map((slope) => 1.1 * slope) ?? null, ...rest),
    })),
    "the gradient[",
  ],
  "backward through features": [
    checking(({ backward }) => ({
      backward: (batch, logits, features, ...rest) => backward(batch, logits, logits && features, ...rest),
    })),
    "of features alone, at parameter",
  ],
  "backward to inputs": [
    checking(({ backward }) => ({
      backward(batch, logits, features, into, inputs) {
        backward(batch, logits, features, into, inputs);
        if (batch[0].x instanceof Uint8Array) inputs?.forEach((slope, i) => (inputs[i] = slope / 255));
      },
    })),
    "of bytes, the slope by input[",
  ],
  "backward alone": [
    checking(({ backward }) => ({
      backward(batch, logits, ...rest) {
        backward(batch, logits, ...rest);
        logits?.fill(0);
      },
    })),
    "logits[0] is 0 rather than",
  ],
  "batched queries": [
    checking(({ logits }) => ({ logits: (queries) => logits(queries).map((z) => z * (1 + 1e-6 * queries.length)) })),
    "in batches of 1, logits[0] is",
  ],
  bytes: [
    checking(({ logits }) => ({
      logits: (queries) => logits(queries.map((query) => ({ ...query, x: Float32Array.from(query.x) }))),
    })),
    "of bytes is",
  ],
  learning: [checking(({ descend }) => ({ descend: (batch) => descend(batch, 0) })), "of 4 right"],
  disposal: [
    checking(() => {
      let there = true;
      return {
        dispose() {
          if (!there) throw new Error("It is gone.");
          there = false;
        },
      };
    }),
    "it threw Error: It is gone",
  ],
});
