// Compositions that compile; composition.test.ts compiles them, and nothing runs them.
import reservoir from "@everlearn/buffer-reservoir";
import ring from "@everlearn/buffer-ring";
import glyphs from "@everlearn/dataset-glyphs";
import ewc from "@everlearn/learner-ewc";
import gem from "@everlearn/learner-gem";
import independent from "@everlearn/learner-independent";
import mer from "@everlearn/learner-mer";
import online from "@everlearn/learner-online";
import mlp from "@everlearn/network-mlp";
import adam from "@everlearn/optimizer-adam";
import classIl from "@everlearn/scenario-class-il";
import domainIl from "@everlearn/scenario-domain-il";
import taskIl from "@everlearn/scenario-task-il";
import blurry from "@everlearn/stream-blurry";
import iid from "@everlearn/stream-iid";
import rotated from "@everlearn/stream-rotated";
import { run, use } from "everlearn";

/** Whether two types are one, and none of them is `any`. */
type Same<A, B> = 0 extends 1 & A ? false : [A, B] extends [B, A] ? true : false;

const stream = use(rotated);
const buffer = use(reservoir, { capacity: 200 });
const replaying = use(mer, { alpha: 0.1, s: 5, k: 11 });
const labelled = use(gem, { alpha: 0.1 });

await run({ stream, learner: use(online, { alpha: 0.1 }) });
await run({ stream, learner: replaying, buffer });
await run(
  {
    name: "whole",
    dataset: use(glyphs, { train: 1000 }),
    stream: use(blurry, { fraction: 0.1, of: use(iid, { of: use(rotated, { tasks: 3 }) }) }),
    scenario: use(domainIl),
    network: use(mlp, { hidden: [10] }),
    optimizer: use(adam, {}),
    learner: use(mer, { alpha: 0.1, beta: 0.5, gamma: 1, s: 5, k: 11, clip: 1 }),
    buffer,
    batchSize: 2,
    evaluation: { every: 10 },
    metrics: [],
    trackers: [],
  },
  { seed: 1, out: "runs", signal: AbortSignal.timeout(1000), onProgress: ({ examples }) => examples.toFixed() },
);

// Task labels: granted always, or because the scenario's options say so, or nobody knows before it runs.
await run({ stream, learner: labelled, buffer, scenario: use(taskIl) });
await run({ stream, learner: labelled, buffer, scenario: use(classIl, { taskLabels: "training" }) });
const taskLabels = Math.PI > 3 ? ("training" as const) : ("never" as const);
await run({ stream, learner: labelled, buffer, scenario: use(domainIl, { taskLabels }) });
await run({ stream, learner: use(independent, { alpha: 0.1 }), scenario: use(taskIl, { heads: "shared" }) });
// Where tasks end is told without labels too, unless the scenario's options say that it is not.
await run({ stream, learner: use(ewc, { alpha: 0.1, lambda: 10 }) });
await run({
  stream,
  learner: use(ewc, { alpha: 0.1, lambda: 10 }),
  scenario: use(domainIl, { taskLabels: "training" }),
});
// What a buffer needs depends on its options: the host checks it.
await run({ stream, learner: replaying, buffer: use(ring, { capacity: 20, rings: 10, per: "class" }) });

// Ends of tasks are granted to whoever needs them, with labels or without.
await run({ stream, learner: use(ewc, { alpha: 0.1, lambda: 10 }) });

const outcome = await run({ stream, learner: replaying, buffer });
if (outcome.status === "finished") {
  const { accuracy, metrics, digest } = outcome;
  const right: [
    Same<typeof accuracy, readonly (readonly (number | null)[])[]>,
    Same<typeof metrics.retainedAccuracy, number | null>,
    Same<typeof digest, string>,
  ] = [true, true, true];
  void right;
  void metrics.ofMyOwn;
} else {
  const right: [Same<typeof outcome.message, string>, Same<typeof outcome.status, "diverged" | "over-budget">] = [
    true,
    true,
  ];
  void right;
}
