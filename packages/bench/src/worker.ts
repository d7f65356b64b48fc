// What a worker process runs: cells, one after the other, for the pool that forked it.
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import {
  type Course,
  createCourse,
  describePlan,
  onOtherData,
  type Plan,
  type PlanRecord,
} from "@everlearn/composition";
import { RunError, SpecError, StoppedError } from "@everlearn/contracts";
import { chosenDataset, plan, recall } from "@everlearn/host";
import { LearnerExitError, startLearner, watchdogUrl } from "@everlearn/isolation";
import { LockedError } from "@everlearn/records";
import { type Progress, runCourse } from "@everlearn/runner";
import { checkHonesty } from "./honesty.js";
import type { KnownData, Message, Reply, SecretData, Task, WorkerPlaces } from "./messages.js";
import type { CellRequest, CheckRequest, PlanRequest } from "./request.js";
import { planReceipt, planSubmission } from "./plan-receipt.js";

/** Milliseconds between two reports, and for which a cell waits whose folder is still locked. */
const REPORT = 100;
const PATIENCE = 10_000;

const watchdog = new Worker(watchdogUrl);
watchdog.unref();
// A terminal tells all processes of a command to stop; here the parent says when.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});

let stop = new AbortController();
let places: WorkerPlaces = { out: ".", from: [] };

process.on("message", (message: Message) => {
  if (message.type === "places") places = message.places;
  else if (message.type === "stop") stop.abort();
  else if (message.type === "plan") void answer(() => planned(message.request));
  else {
    stop = new AbortController();
    void answer(() => carriedOut(message));
  }
});
send({ type: "ready" });

function send(reply: Reply): void {
  process.send?.(reply);
}

async function answer(act: () => Promise<Reply>): Promise<void> {
  send(await act().catch(complaint));
}

function complaint(error: unknown): Reply {
  if (error instanceof StoppedError) return { type: "stopped" };
  if (error instanceof LearnerExitError) return { type: "learner exited", exit: error.exit };
  if (error instanceof SpecError) return { type: "refused", problems: error.problems, stack: stacksOf(error) };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof LockedError) return { type: "locked", message };
  // What the engine and WebAssembly say where there is no room for an array.
  const outOfMemory = /allocation failed|out of memory|could not allocate/i.test(message);
  return { type: "failed", message, outOfMemory, stack: stacksOf(error) };
}

/** The stack traces of an error and of its causes, for those who ask to see them. */
function stacksOf(error: unknown): string {
  const stacks: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) stacks.push(cause.stack ?? cause.message);
  return stacks.join("\n").slice(0, 20_000);
}

async function planned({ spec: given, folder }: PlanRequest): Promise<Reply> {
  const made = await plan(given, { from: [resolve(folder), ...places.from], folder: places.data });
  const { spec, specId, plugins, where } = made;
  const course = await createCourse(made, spec.seeds[0]);
  let examples = 0;
  for (let e = 0; e < course.stream.experiences; e++) examples += course.stream.train(e).length;
  await course.dispose();
  const summary = { spec, specId, plugins, where, checksum: made.dataset.checksum, examples };
  return { type: "planned", planned: summary, plan: describePlan(made) };
}

/** Tells how far a run is, now and then. */
function reporting(): (progress: Progress) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (performance.now() - told < REPORT) return;
    told = performance.now();
    send({ type: "progress", progress });
  };
}

function carriedOut(task: Exclude<Task, { type: "plan" }>): Promise<Reply> {
  if (task.type === "run") return ended(task.request, task.plan);
  if (task.type === "check") return checked(task.request, task.plan);
  if (task.type === "load data") return dataLoaded(task.data);
  if (task.type === "run on data") return ended(task.request, task.plan, task.data);
  return receiptPlanned(task);
}

async function dataLoaded({ choice, from }: SecretData): Promise<Reply> {
  const { checksum } = await chosenDataset(choice, { from, folder: places.data });
  return { type: "data loaded", checksum };
}

/** The plan of a run, of which the learner's code is not loaded here: on its own data or on others. */
async function planOn(data: KnownData | undefined, record: PlanRecord): Promise<Plan> {
  const made = await recall(record, places.data);
  if (!data) return made;
  const dataset = await chosenDataset(data.choice, { from: data.from, folder: places.data });
  if (dataset.checksum !== data.checksum)
    throw new RunError("The secret data changed after the audit had begun; start again.");
  return onOtherData(made, { dataset, alias: data.alias });
}

async function receiptPlanned(task: Extract<Task, { type: "plan receipt" | "plan submission" }>): Promise<Reply> {
  const code = { ...task.request.options, folder: places.data };
  const { planned, ...rest } =
    task.type === "plan receipt"
      ? await planReceipt(task.request.found, code)
      : await planSubmission(task.request.run, task.request.where, code);
  return { type: "receipt planned", ...rest, ...(planned && { plan: describePlan(planned) }) };
}

/** Passes on what a learner's process writes. */
const onOutput = (line: string) => void process.stdout.write(`${line}\n`);

async function checked({ directory, result }: CheckRequest, record: PlanRecord): Promise<Reply> {
  const made = await recall(record, places.data);
  const start = (course: Course) => startLearner(record, course, { onOutput });
  const honesty = await patiently(() =>
    checkHonesty(made, start, result, {
      directory: join(places.out, directory),
      signal: stop.signal,
      onProgress: reporting(),
    }),
  );
  return { type: "checked", honesty };
}

async function ended(
  { seed, resume = true, checkpointEvery, commit, tuning, ...request }: CellRequest,
  record: PlanRecord,
  data?: KnownData,
): Promise<Reply> {
  const directory = join(places.out, request.directory);
  const made = await planOn(data, record);
  const course = await createCourse(made, seed);
  const { memory } = request.spec.protocol?.budget ?? {};
  try {
    const result = await patiently(() =>
      runCourse(course, () => startLearner(record, course, { memory, onOutput }), {
        directory,
        resume,
        ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
        signal: stop.signal,
        commit,
        tuning,
        onProgress: reporting(),
        onWait: (sentence) => console.error(sentence),
      }),
    );
    return { type: "ended", result };
  } finally {
    await course.dispose();
  }
}

/** A process that was killed may take a moment to go, and its lock with it. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE;
  for (;;)
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof LockedError) || performance.now() > until || stop.signal.aborted) throw error;
      await wait(REPORT);
    }
}
