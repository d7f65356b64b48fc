import type { Cell } from "@everlearn/composition";
import type { Example, Input, Query, State } from "@everlearn/contracts";
import { bytesOf } from "./bytes.js";
import { createEvaluation, QUERIES } from "./evaluation.js";
import { loop } from "./loop.js";
import { accountOf, endedBy, finish, type LoopOutcome } from "./outcome.js";
import { createSchedule } from "./schedule.js";
import { initialState, type LoopState } from "./state.js";
import type { Learned, LoopEvent, Reply, Request, Step } from "./step.js";

/**
 * Answers a request with a learner that is in this process. The learner is handed copies of training inputs, so that it
 * can change nothing but its own; one that changes what it was handed is told so.
 */
export function respond(
  cell: Pick<Cell, "learner" | "network" | "gradients" | "loss" | "parts">,
  request: Request,
): Reply {
  const learned: Learned[] = [];
  try {
    const reply = act(cell, request, learned);
    return { gradients: cell.gradients(), ...reply };
  } catch (error) {
    return { gradients: cell.gradients(), learned, error: error ?? new Error(`The learner threw ${error}.`) };
  }
}

/** @param learned takes what is told of each batch as it has been learned */
function act(
  cell: Pick<Cell, "learner" | "network" | "gradients" | "loss" | "parts">,
  request: Request,
  learned: Learned[],
): Partial<Reply> {
  const { learner } = cell;
  if (request.type === "answer") return { answers: answersOf(learner, request.queries) };
  if (request.type === "features") {
    if (!cell.network) throw new RangeError("A run without a network has no features to probe.");
    return { features: cell.network.features(request.queries) };
  }
  if (request.type === "save") {
    const parts = saveParts(cell);
    return { parts, bytes: keptBytes(parts) };
  }
  if (request.type === "endTask") {
    learner.endTask?.();
    return {};
  }
  for (const batch of request.batches) {
    const before = cell.gradients();
    observe(learner, batch);
    const gradients = cell.gradients();
    const loss = gradients > before ? cell.loss() : undefined;
    learned.push({ gradients, ...(loss === undefined ? {} : { loss }) });
  }
  return { learned };
}

function answersOf(learner: Cell["learner"], queries: readonly Query[]): Uint16Array {
  for (const { outputs } of queries) if (outputs) Object.freeze(outputs);
  if (queries.length <= QUERIES) return learner.predict(queries);
  const answers: number[] = [];
  for (let i = 0; i < queries.length; i += QUERIES) answers.push(...learner.predict(queries.slice(i, i + QUERIES)));
  return Uint16Array.from(answers);
}

/** Hands a learner copies of examples. @throws TypeError where it has changed the input of the first */
function observe(learner: Cell["learner"], batch: readonly Example[]): void {
  const copies = batch.map((example): Example => {
    if (example.outputs) Object.freeze(example.outputs); // the scenario's, for all examples of a task
    return { ...example, x: example.x.slice() };
  });
  const [{ x }] = copies;
  learner.observe(copies);
  if (!sameBytes(x, batch[0].x))
    throw new TypeError(
      "The learner changed the input of an example that it was handed; a learner that wants other values makes a copy.",
    );
}

function sameBytes(a: Input, b: Input): boolean {
  const { byteLength } = a;
  const words = byteLength >> 2;
  const aligned = a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0;
  if (aligned) {
    const [p, q] = [a, b].map(({ buffer, byteOffset }) => new Uint32Array(buffer, byteOffset, words));
    for (let i = 0; i < words; i++) if (p[i] !== q[i]) return false;
  }
  const [p, q] = [a, b].map(({ buffer, byteOffset }) => new Uint8Array(buffer, byteOffset, byteLength));
  for (let i = aligned ? words << 2 : 0; i < byteLength; i++) if (p[i] !== q[i]) return false;
  return true;
}

/** The saved state of each part of a cell, by its place. */
export function saveParts({ parts }: Pick<Cell, "parts">): Record<string, State> {
  return Object.fromEntries(Object.entries(parts).map(([place, part]) => [place, part.save()]));
}

const kept = new Set(["network", "buffer", "learner"]);

/** The bytes that networks with their optimizers, buffer and learner keep from one example to the next. */
export function keptBytes(parts: Readonly<Record<string, State>>): number {
  return Object.entries(parts).reduce(
    (sum, [place, state]) => sum + (kept.has(place.split("/")[0]) ? bytesOf(state) : 0),
    0,
  );
}

/**
 * Runs a whole cell in this process at once, without files, clocks or threads, so that it works in a page and its
 * workers too.
 * @param onEvent hears what happens, and may read the state then
 * @throws CellError where the learner fails; RunError where the spec's evaluation does not fit its stream
 */
export function runInProcess(
  cell: Cell,
  onEvent: (event: LoopEvent, state: LoopState) => void = () => {},
): LoopOutcome {
  const schedule = createSchedule(cell);
  const { tasks, examples } = cell.evaluation;
  const evaluation = createEvaluation(cell.stream, cell.scenario, cell.seed, examples, tasks !== "none");
  const state = initialState();
  try {
    const steps = loop(cell, schedule, evaluation, state);
    for (let next = steps.next(); !next.done; ) {
      const step = next.value;
      if (isRequest(step)) next = steps.next(respond(cell, step));
      else {
        onEvent(step, state);
        next = steps.next();
      }
    }
    return finish(cell, accountOf(schedule, state), state, cell.network?.theta.toArray());
  } catch (error) {
    return endedBy(error, accountOf(schedule, state));
  }
}

const requests: ReadonlySet<Step["type"]> = new Set(["train", "endTask", "answer", "features", "save"]);

/** Whether the loop waits for a reply. */
export function isRequest(step: Step): step is Request {
  return requests.has(step.type);
}
