// What a learner's process runs: it makes the learner, then answers one request after the other.
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import {
  createLearner,
  type LearnerRecord,
  type LearnerSide,
  type LoadPlugin,
  type PartRecord,
  recallLearner,
} from "@everlearn/composition";
import type { Kind, Plugin, Size } from "@everlearn/contracts";
import { answer } from "./answer.js";
import { createFrameReader, writeFrame } from "@everlearn/program";
import { sentError } from "./messages.js";

const PIPE = 3;
const watchdog = new Worker(new URL("./parent-watchdog.js", import.meta.url));
watchdog.unref();
// A terminal tells all processes of a command to stop; here the run says when.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});

interface Start extends Size {
  readonly plan: LearnerRecord;
  readonly seed: number;
  readonly memory: number | null;
}

const read = createFrameReader(PIPE);
const first = read();
if (first) await answerAll(first.header as unknown as Start);
process.exit(); // whatever it left running would keep the process

async function answerAll({ plan, seed, memory, shape, inputs, outputs }: Start): Promise<void> {
  watchdog.postMessage(memory);
  let side: LearnerSide;
  try {
    const load: LoadPlugin = async <K extends Kind>({ url = "" }: PartRecord<K>) =>
      ((await import(url)) as { readonly default: Plugin<K> }).default;
    side = await createLearner(await recallLearner(plan, load), seed, { shape, inputs, outputs });
  } catch (error) {
    writeFrame(PIPE, { type: "reply", gradients: 0, error: sentError(error) });
    return;
  }
  writeFrame(PIPE, { type: "reply", gradients: side.gradients() });
  for (let frame = read(); frame; frame = read()) {
    const { header, body } = answer(side, frame);
    writeFrame(PIPE, header, body);
    await turn(); // what the learner's libraries left for later
  }
}
