// What a worker process runs: cells, one after the other, for the pool that forked it.
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createCell, type Plan } from "@everlearn/composition";
import { SpecError, StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { LockedError } from "@everlearn/records";
import { type Progress, runCell } from "@everlearn/runner";
import { checkHonesty } from "./honesty.js";
import type { Message, Reply, Task, VerifyRequest, WorkerPlaces } from "./messages.js";
import type { CellRequest, CheckRequest, PlanRequest } from "./request.js";
import { verify } from "./verify.js";

/** Milliseconds between two reports, and for which a cell waits whose folder is still locked. */
const REPORT = 100;
const PATIENCE = 10_000;

const watchdog = new Worker(new URL("./parent-watchdog.js", import.meta.url));
watchdog.unref();
// A terminal tells all processes of a command to stop; here the parent says when.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});

const plans = new Map<string, Promise<Plan>>();
let stop = new AbortController();
let places: WorkerPlaces = { out: ".", from: [] };

process.on("message", (message: Message) => {
  if (message.type === "places") places = message.places;
  else if (message.type === "stop") stop.abort();
  else if (message.type === "plan") void answer(() => planned(message.request));
  else {
    stop = new AbortController();
    if (message.type === "run") watchdog.postMessage(message.memory);
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
  if (error instanceof SpecError) return { type: "refused", problems: error.problems };
  const message = error instanceof Error ? error.message : String(error);
  // What the engine and WebAssembly say where there is no room for an array.
  return { type: "failed", message, outOfMemory: /allocation failed|out of memory|could not allocate/i.test(message) };
}

/** The same for each seed; what takes seconds to load is loaded once. */
function planOf({ spec, folder }: PlanRequest): Promise<Plan> {
  const key = JSON.stringify([spec, folder]);
  const found = plans.get(key) ?? plan(spec, { from: [resolve(folder), ...places.from], folder: places.data });
  plans.set(key, found);
  return found;
}

async function planned(request: PlanRequest): Promise<Reply> {
  const made = await planOf(request);
  const { spec, specId, plugins, where } = made;
  const cell = await createCell(made, spec.seeds[0]);
  let examples = 0;
  for (let e = 0; e < cell.stream.experiences; e++) examples += cell.stream.train(e).length;
  await cell.dispose();
  return { type: "planned", planned: { spec, specId, plugins, where, checksum: made.dataset.checksum, examples } };
}

/** @throws SpecError where it is not what was planned before */
async function samePlan(request: PlanRequest & { readonly specId: string }): Promise<Plan> {
  const made = await planOf(request);
  if (made.specId === request.specId) return made;
  throw new SpecError(`${made.where}A plugin or the data changed after the suite was planned; start again.`);
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
  if (task.type === "run") return ended(task.request);
  return task.type === "check" ? checked(task.request) : verified(task.request);
}

async function verified({ found, options }: VerifyRequest): Promise<Reply> {
  const { identity, differences, compared, leftOut } = await verify(found, {
    ...options,
    signal: stop.signal,
    onProgress: reporting(),
  });
  return { type: "verified", verified: { identity, differences, compared, leftOut } };
}

async function checked(request: CheckRequest): Promise<Reply> {
  const directory = join(places.out, request.directory);
  const made = await samePlan(request);
  const honesty = await patiently(() =>
    checkHonesty(made, { directory, signal: stop.signal, onProgress: reporting() }),
  );
  return { type: "checked", honesty };
}

async function ended(request: CellRequest): Promise<Reply> {
  const { seed, checkpointEvery, commit, tuning } = request;
  const directory = join(places.out, request.directory);
  const made = await samePlan(request);
  const cell = await createCell(made, seed);
  try {
    const result = await patiently(() =>
      runCell(cell, {
        directory,
        resume: true,
        ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
        signal: stop.signal,
        commit,
        tuning,
        onProgress: reporting(),
      }),
    );
    return { type: "ended", result };
  } finally {
    await cell.dispose();
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
