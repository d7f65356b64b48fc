// Mistakes that do not compile: composition.test.ts takes each expectation away and looks at what the compiler then says.
import reservoir, { reservoir as reservoirItself } from "@everlearn/buffer-reservoir";
import gem from "@everlearn/learner-gem";
import independent from "@everlearn/learner-independent";
import mer from "@everlearn/learner-mer";
import online from "@everlearn/learner-online";
import mlp from "@everlearn/network-mlp";
import classIl from "@everlearn/scenario-class-il";
import domainIl from "@everlearn/scenario-domain-il";
import blurry from "@everlearn/stream-blurry";
import rotated from "@everlearn/stream-rotated";
import { run, use } from "everlearn";

const stream = use(rotated);
const buffer = use(reservoir, { capacity: 200 });
const replaying = use(mer, { alpha: 0.1, s: 5, k: 11 });
const labelled = use(gem, { alpha: 0.1 });
const plain = use(online, { alpha: 0.1 });

// @ts-expect-error Type 'string' is not assignable to type 'number'
use(mer, { alpha: "0.1", s: 5, k: 11 });
// @ts-expect-error Did you mean to write 'gamma'?
use(mer, { alpha: 0.1, s: 5, k: 11, gama: 1 });
// @ts-expect-error Property 'k' is missing
use(mer, { alpha: 0.1, s: 5 });
// @ts-expect-error Expected 2 arguments, but got 1
use(mer);
// @ts-expect-error Type 'string' is not assignable to type 'number'
use(mlp, { hidden: ["100"] });
// @ts-expect-error Type '"always"' is not assignable
use(classIl, { taskLabels: "always" });
// @ts-expect-error Property 'of' is missing
use(blurry, { fraction: 0.1 });
// @ts-expect-error 'of' does not exist
use(rotated, { of: stream });
// @ts-expect-error Type '"buffer"' is not assignable to type '"stream"'
use(blurry, { fraction: 0.1, of: buffer });
// @ts-expect-error is not assignable to parameter of type 'Plugin<
use(reservoirItself, { capacity: 200 });

// @ts-expect-error Property 'learner' is missing
await run({ stream });
// @ts-expect-error Type '"buffer"' is not assignable to type '"learner"'
await run({ stream, learner: buffer });
// @ts-expect-error 'use' does not exist in type 'Use<"learner"
await run({ stream, learner: { use: "online", alpha: 0.1 } });
// @ts-expect-error Did you mean to write 'batchSize'?
await run({ stream, learner: plain, batchsize: 10 });
// @ts-expect-error 'seeds' does not exist
await run({ stream, learner: plain, seeds: [0] });
// @ts-expect-error Type 'string' is not assignable to type 'number'
await run({ stream, learner: plain }, { seed: "0" });

// @ts-expect-error Property 'buffer' is missing
await run({ stream, learner: replaying });
// @ts-expect-error "This learner uses no buffer; remove it."
await run({ stream, learner: plain, buffer });

// @ts-expect-error "This learner needs task labels during training, which this scenario does not grant."
await run({ stream, learner: labelled, buffer });
// @ts-expect-error "This learner needs task labels during training, which this scenario does not grant."
await run({ stream, learner: labelled, buffer, scenario: use(classIl) });
// @ts-expect-error "This learner needs task labels during training, which this scenario does not grant."
await run({ stream, learner: labelled, buffer, scenario: use(domainIl, { taskLabels: "never" }) });
// @ts-expect-error "This learner needs task labels at test, which this scenario does not grant."
await run({ stream, learner: use(independent, { alpha: 1 }), scenario: use(classIl, { taskLabels: "training" }) });

const outcome = await run({ stream, learner: plain });
// @ts-expect-error Type 'undefined' is not assignable to type 'string'
export const digest: string = outcome.digest;
// @ts-expect-error Type 'number | null' is not assignable to type 'number'
export const found: number = outcome.status === "finished" ? outcome.metrics.retainedAccuracy : 0;
