import { checkLearner } from "@everlearn/conformance";
import type { Buffer, Input, Learner, Network, Plugin, Random, State } from "@everlearn/contracts";
import er from "@everlearn/learner-er";
import mer from "@everlearn/learner-mer";
import online from "@everlearn/learner-online";
import { describe, it } from "vitest";
import { catches } from "./caught.js";

const options = { alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate." } } as const;
interface Parts {
  readonly network: Network;
  readonly buffer: Buffer;
  readonly random: Random;
}
/** What the toy learner remembers. */
interface Memo {
  rate: number;
  trace: Float32Array;
}
interface Toy extends Parts {
  readonly learner: Learner;
  readonly memo: Memo;
  readonly options: { alpha: number };
}

/** Replays now and then, by a generator of its own, at a rate that slowly falls: every kind of state that there is. */
function toy(given: { alpha: number }, { network, buffer, random }: Parts): Toy {
  const coin = random.fork("coin");
  const memo: Memo = { rate: given.alpha, trace: new Float32Array(2) };
  const learner: Learner = {
    observe(batch) {
      const replayed = coin.integer(2) === 0 ? buffer.sample(2) : [];
      memo.trace[0] += network.descend([...replayed, ...batch], memo.rate + memo.trace[1]);
      memo.rate *= 0.999;
      for (const example of batch) buffer.add(example);
    },
    predict: (queries) => network.predict(queries),
    save: () => ({ rate: memo.rate, trace: memo.trace.slice(), coin: coin.save() }),
    load(state) {
      const saved = state as { rate: number; trace: Float32Array; coin: State };
      memo.rate = saved.rate;
      memo.trace = saved.trace.slice();
      coin.load(saved.coin);
    },
  };
  return { learner, memo, options: given, network, buffer, random };
}

/** Tries the toy learner, but for what is changed. */
const checking = (change: (toy: Toy) => Partial<Learner>) => () => {
  const plugin: Plugin<"learner", typeof options, "network" | "buffer"> = {
    kind: "learner",
    name: "toy",
    contract: 2,
    description: "A learner to try the checks with.",
    options,
    needs: ["network", "buffer"],
    create(given, parts) {
      const made = toy(given, parts);
      return { ...made.learner, ...change(made) };
    },
  };
  return checkLearner(plugin, { options: { alpha: 0.2 }, examples: 60 });
};

let instances = 0;

describe("checkLearner", () => {
  it("passes a sound learner", () => checking(() => ({}))());
  it("passes online learning", () => checkLearner(online, { options: { alpha: 0.1 } }));
  it("passes experience replay", () => checkLearner(er, { options: { alpha: 0.1, k: 5 } }));
  it("passes meta-experience replay", () => checkLearner(mer, { options: { alpha: 0.1, beta: 0.5, s: 2, k: 4 } }));

  catches("learner", {
    creation: [
      checking(({ buffer }) => {
        throw new RangeError(`A capacity of ${buffer.capacity} is too small.`);
      }),
      "RangeError: A capacity of 50 is too small",
    ],
    purity: [
      checking(({ learner }) => ({
        observe(batch) {
          learner.observe(Math.random() < 2 && Date.now() > 0 ? batch : []);
        },
      })),
      "it used Math.random(), Date.now()",
    ],
    "options unchanged": [
      checking(({ options }) => {
        options.alpha /= 2;
        return {};
      }),
      "options.alpha is 0.1 rather than 0.2",
    ],
    "inputs unchanged": [
      checking(({ learner }) => ({
        predict(queries) {
          for (const { x } of queries) x[0] = 0.25;
          return learner.predict(queries);
        },
      })),
      "tests[0].queries[0].x[0] is",
    ],
    "same seed": [
      checking(({ memo }) => {
        memo.trace[1] = 0.001 * instances++;
        return {};
      }),
      "of 120 came out otherwise",
    ],
    "plain state": [
      checking(({ learner }) => ({ save: () => ({ state: learner.save(), map: new Map() as unknown as State }) })),
      "in its state learner.map is a Map",
    ],
    resumption: [
      checking(({ learner, memo }) => ({
        load(state) {
          const { rate } = memo;
          learner.load(state);
          memo.rate = rate;
        },
      })),
      "steps and loaded, step",
    ],
    "undisturbed by save": [
      checking(({ learner, memo }) => ({
        save() {
          const state = learner.save();
          memo.rate *= 0.99;
          return state;
        },
      })),
      "of 120 came out otherwise",
    ],
    "saved copy": [
      checking(({ learner, memo }) => ({ save: () => ({ ...(learner.save() as object), trace: memo.trace }) })),
      "in the saved state learner.trace[0] is",
    ],
    "loaded copy": [
      checking(({ learner, memo }) => ({
        load(state) {
          learner.load(state);
          memo.trace = (state as unknown as Memo).trace;
        },
      })),
      "in the given state learner.trace[0] is",
    ],
    replacement: [
      checking(({ learner, memo }) => ({
        load(state) {
          const { rate } = memo;
          learner.load(state);
          memo.rate = Math.min(rate, memo.rate);
        },
      })),
      "of 120 came out otherwise",
    ],
    answers: [
      checking(({ learner }) => ({ predict: (queries) => learner.predict(queries).map((answer) => answer + 3) })),
      "where 0 to 3 could be chosen",
    ],
    "masked answers": [
      checking(({ learner }) => ({ predict: (queries) => learner.predict(queries.map(({ x }) => ({ x }))) })),
      "where 0, 1, 2, 3 could be chosen",
    ],
    unlabelled: [
      checking(({ network }) => ({
        observe(batch) {
          network.theta.times((batch[0].task as number) + 1);
        },
      })),
      "θ is not finite",
    ],
    "batched queries": [
      checking(({ learner }) => ({ predict: (queries) => learner.predict(queries).with(0, 0) })),
      "reordered in batches of 1, answer",
    ],
    "predict learns nothing": [
      checking(({ learner, memo }) => ({
        predict(queries) {
          memo.trace[1] += 1e-4;
          return learner.predict(queries);
        },
      })),
      "asked after every step, θ[",
    ],
    "reused inputs": [
      checking(({ learner, network }) => {
        let kept: Input | undefined;
        return {
          predict(queries) {
            kept = queries[0]?.x;
            return learner.predict(queries);
          },
          observe(batch) {
            learner.observe(batch);
            if (kept) network.descend([{ x: kept, y: 0 }], 0.01);
          },
        };
      }),
      "θ[",
    ],
    batches: [
      checking(({ learner }) => ({
        observe(batch) {
          if (batch.length > 1) throw new RangeError("One at a time.");
          learner.observe(batch);
        },
      })),
      "it threw RangeError: One at a time",
    ],
    learning: [checking(() => ({ observe() {} })), "where chance is 0.25"],
    unbounded: [checking(() => ({ observe() {} })), "where chance is 0.25"],
  });
});
