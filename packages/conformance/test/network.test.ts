import { checkNetwork, referenceNetwork } from "@everlearn/conformance";
import type { Network, Plugin, State, Term, Vector } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { catches, failures } from "./caught.js";

const options = { hidden: { type: "integer", minimum: 1, default: 12, description: "The hidden units." } } as const;
type Change = (network: Network, options: { hidden: number }) => Partial<Network>;

/** Tries the reference network, but for what is changed. */
const checking = (change: Change) => () => {
  const plugin: Plugin<"network", typeof options> = {
    kind: "network",
    name: "toy",
    description: "A network to try the checks with.",
    options,
    create(given, parts) {
      const network = referenceNetwork(given, parts);
      return {
        ...network,
        get loss() {
          return network.loss;
        },
        ...change(network, given),
      };
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

/** The reference network with another θ and other vectors. */
const vectors = (alter: (vector: Vector) => Partial<Vector>) =>
  checking(({ theta, vector }) => {
    const altered = (v: Vector): Vector => ({ ...v, ...alter(v) });
    return { theta: altered(theta), vector: () => altered(vector()) };
  });

const bare = (batch: readonly Term[]) => batch.map(({ outputs: _outputs, ...term }) => term);
let instances = 0;

describe("checkNetwork", () => {
  it("passes a sound network", () => checking(() => ({}))());
  it("passes a sound network of other sizes", () =>
    checkNetwork(
      { kind: "network", name: "toy", description: "One.", options, create: referenceNetwork },
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
      "in its state theta.set is a function",
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
      checking(({ theta }) => ({ save: () => (theta as Vector & { values: Float32Array }).values })),
      "in the saved state [",
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
      "in the given state [",
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
    gradient: [
      checking(({ gradient }) => ({
        gradient(batch, into) {
          const g = gradient(batch, into);
          g.times(1.1);
          return g;
        },
      })),
      "where the loss rises by",
    ],
    "masked gradient": [
      checking(({ gradient, descend }) => ({
        gradient: (batch, into) => gradient(bare(batch), into),
        descend: (batch, rate, limits) => descend(bare(batch), rate, limits),
      })),
      "where the loss rises by",
    ],
    gram: [
      checking(({ gram }) => ({ gram: (all) => (all.length > 4 ? gram(all).reverse() : gram(all)) })),
      "of 5 vectors, that of 0 and 0 is",
    ],
    "gradient gram": [
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
    losses: [
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
    step: [
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
      checking(({ gradient }) => ({
        gradient(batch, into) {
          const g = gradient(batch);
          if (!into) return g;
          into.add(g);
          return into;
        },
      })),
      "into[0] is",
    ],
    "batch mean": [
      checking(({ gradient }) => ({
        gradient(batch, into) {
          const g = gradient(batch, into);
          g.times(batch.length);
          return g;
        },
      })),
      "the gradient[",
    ],
    descent: [
      checking(({ descend }) => ({
        descend: (batch, rate, limits) => batch.map((one) => descend([one], rate / batch.length, limits))[0],
      })),
      "after a step on 10, θ[",
    ],
    loss: [
      checking(({ descend }) => ({
        descend: (batch, rate, limits) => (descend(batch, rate, limits), descend(batch, 0, limits)),
      })),
      "where the mean of weight · loss of 1 was",
    ],
    clip: [
      checking(({ descend }) => ({ descend: (batch, rate) => descend(batch, rate) })),
      "after a step on 1 with clip",
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
    predictions: [
      checking(({ predict }) => ({ predict: (queries) => predict(queries.map(({ x }) => ({ x }))) })),
      "has the largest logit of those in question",
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
