import { checkNetwork, referenceNetwork } from "@everlearn/conformance";
import type { Example, Network, Plugin, State, Vector } from "@everlearn/contracts";
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
      return { ...network, ...change(network, given) };
    },
  };
  return checkNetwork(plugin);
};

/** The reference network with another θ and other vectors. */
const vectors = (alter: (vector: Vector) => Partial<Vector>) =>
  checking(({ theta, vector }) => {
    const altered = (v: Vector): Vector => ({ ...v, ...alter(v) });
    return { theta: altered(theta), vector: () => altered(vector()) };
  });

const bare = (batch: readonly Example[]) => batch.map(({ x, y }) => ({ x, y }));
let instances = 0;

describe("checkNetwork", () => {
  it("passes a sound network", () => checking(() => ({}))());
  it("passes a sound network of other sizes", () =>
    checkNetwork(
      { kind: "network", name: "toy", description: "One.", options, create: referenceNetwork },
      { options: { hidden: 40 }, inputs: 9, outputs: 4 },
    ));

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
      "after a step on 6, θ[",
    ],
    loss: [
      checking(({ descend }) => ({
        descend: (batch, rate, limits) => (descend(batch, rate, limits), descend(batch, 0, limits)),
      })),
      "where the mean loss of 1 was",
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
