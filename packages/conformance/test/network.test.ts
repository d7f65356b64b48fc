import { checkNetwork, referenceNetwork } from "@everlearn/conformance";
import type { DifferentiableNetwork, Plugin, State, Term, Vector } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { catches, failures } from "./caught.js";

const options = { hidden: { type: "integer", minimum: 1, default: 12, description: "The hidden units." } } as const;
type Change = (network: DifferentiableNetwork, options: { hidden: number }) => Partial<DifferentiableNetwork>;

/** Tries the reference network, but for what is changed. */
const checking = (change: Change) => () => {
  const plugin: Plugin<"network", typeof options> = {
    kind: "network",
    name: "toy",
    contract: 2,
    description: "A network to try the checks with.",
    options,
    create(given, parts) {
      const network = referenceNetwork(given, parts);
      return { ...network, ...change(network, given) };
    },
  };
  return checkNetwork(plugin);
};

/** The reference network, which takes terms otherwise. */
const terms = (alter: (term: Term) => Term) =>
  checking(({ descend, gradient, losses }) => ({
    descend: (batch, ...rest) => descend(batch.map(alter), ...rest),
    gradient: (batch, into) => gradient(batch.map(alter), into),
    losses: (batch) => losses(batch.map(alter)),
  }));

/** Probabilities, made to sum to 1. */
const whole = (probabilities: Float32Array) => {
  const sum = probabilities.reduce((total, p) => total + p, 0);
  return probabilities.map((p) => p / sum);
};

/** What wrapped vectors wrap. */
const wrapped = new WeakMap<object, Vector>();
const bareVector = (v: Vector): Vector => wrapped.get(v) ?? v;

/** A vector with some methods altered; vectors that it is handed are unwrapped. */
function altered(vector: Vector, alter: (vector: Vector) => Partial<Vector>): Vector {
  const changes = alter(vector);
  const wrapper = new Proxy(vector, {
    get(target, name: keyof Vector) {
      const method = (changes[name] ?? target[name].bind(target)) as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => method(...values.map((value) => wrapped.get(value as object) ?? value));
    },
  });
  wrapped.set(wrapper, vector);
  return wrapper;
}

/** The reference network with another θ and other vectors. */
const vectors = (alter: (vector: Vector) => Partial<Vector>) =>
  checking(({ theta, vector, step }) => ({
    theta: altered(theta, alter),
    vector: () => altered(vector(), alter),
    step: (gradient, rate) => step(bareVector(gradient), typeof rate === "number" ? rate : bareVector(rate)),
  }));

/** The reference network, whose gradients are altered once they are written. */
const gradients = (alter: (into: Vector, batch: readonly Term[]) => void) =>
  checking(({ gradient }) => ({
    gradient(batch, into) {
      const loss = gradient(batch, into);
      alter(into, batch);
      return loss;
    },
  }));

const bare = (batch: readonly Term[]) => batch.map(({ outputs: _outputs, ...term }) => term);
let instances = 0;

describe("checkNetwork", () => {
  it("passes a sound network", () => checking(() => ({}))());
  it("passes a sound network of other sizes", () =>
    checkNetwork(
      { kind: "network", name: "toy", contract: 2, description: "One.", options, create: referenceNetwork },
      { options: { hidden: 40 }, inputs: 9, outputs: 4 },
    ));

  const operations: [string, (vector: Vector) => Partial<Vector>, string][] = [
    [
      "divide",
      (v) => ({ divide: (w) => v.fromArray(v.toArray().map((x, i) => x / w.toArray()[i])) }),
      "v.divide(w) made 0",
    ],
    ["sqrt", () => ({ sqrt() {} }), "v.map(Math.abs) and sqrt() made"],
    ["addProduct", (v) => ({ addProduct: (a, b) => v.addProduct(a, b) }), "v.addProduct(w, v, -0.5) made"],
    ["addProduct", (v) => ({ addProduct: (a, _, scale) => v.addProduct(a, a, scale) }), "v.addProduct(v, w) made"],
    ["times", (v) => ({ times: (w) => v.times(typeof w === "number" ? Math.abs(w) : w) }), "v.times(-3) made"],
    ["dot", (v) => ({ dot: (w) => v.dot(w) * 1.01 }), "v.dot(w) is"],
  ];
  it.each(operations)("catches a wrong %s", async (_, alter, says) => {
    const found = await failures(vectors(alter)());
    expect(found.find(({ check }) => check === "vector operations")?.sentence).toContain(says);
  });

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

  const descents: [string, Change, string][] = [
    [
      "does not clip",
      ({ descend }) => ({ descend: (batch, rate) => descend(batch, rate) }),
      "after a step on 1 with clip",
    ],
    [
      "answers the loss after the step",
      ({ descend }) => ({
        descend: (batch, rate, limits) => (descend(batch, rate, limits), descend(batch, 0, limits)),
      }),
      "a step on 1 answers a loss of",
    ],
  ];
  it.each(descents)("catches a descent that %s", async (_, change, says) => {
    const found = await failures(checking(change)());
    expect(found.find(({ check }) => check === "fast descend")?.sentence).toContain(says);
  });

  it("catches slopes by inputs that are wrong", async () => {
    const change: Change = ({ backward, inputs }) => ({
      backward(batch, logits, features, into, slopes) {
        backward(batch, logits, features, into, slopes);
        slopes?.fill(0, inputs);
      },
    });
    const found = await failures(checking(change)());
    expect(found.map(({ check }) => check)).toEqual(["backward to inputs"]);
    expect(found[0].sentence).toContain("at input");
  });

  it("catches another error, or a loss that is not finite, where training diverges", async () => {
    const diverging = async (otherwise: () => number) => {
      const call = checking(({ descend }) => ({
        descend(batch, rate, limits) {
          try {
            return descend(batch, rate, limits);
          } catch {
            return otherwise();
          }
        },
      }));
      return (await failures(call())).map(({ check, sentence }) => `${check}: ${sentence}`).join();
    };
    expect(await diverging(() => Number.NaN)).toContain("descend answered a loss of NaN");
    const thrown = () => {
      throw new Error("Oh.");
    };
    expect(await diverging(thrown)).toContain("descend threw Error: Oh");
  });
});
