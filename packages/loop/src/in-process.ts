import type { Cell } from "@everlearn/composition";
import type { State } from "@everlearn/contracts";
import { bytesOf } from "./bytes.js";
import { createEvaluation } from "./evaluation.js";
import { type Loop, loop } from "./loop.js";
import { accountOf, endedBy, finish, type LoopOutcome } from "./outcome.js";
import { createSchedule } from "./schedule.js";
import { initialState, type LoopState } from "./state.js";
import type { LoopEvent, Reply, Request, Step } from "./step.js";

/** Answers a request with a learner that is in this process. */
export function respond(cell: Pick<Cell, "learner" | "gradients" | "parts">, request: Request): Reply {
  const { learner } = cell;
  if (request.type === "answer") return { answers: learner.predict(request.queries) };
  if (request.type === "measure") return { bytes: keptBytes(saveParts(cell)) };
  if (request.type === "train") learner.observe(request.batch);
  else learner.endTask?.();
  return { gradients: cell.gradients() };
}

/** What each part of a cell has to save, by its place. */
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

/** Goes on with a loop; where the answer is an error, the loop says where it happened. */
export function advance(steps: Loop, answer: () => Reply): IteratorResult<Step, void> {
  let reply: Reply;
  try {
    reply = answer();
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next(reply);
}

/**
 * Runs a cell from its beginning to its end in this process, in one go: without files, clocks or other threads, in a page
 * and its workers too.
 * @param onEvent hears what happens, and may read the state then
 * @throws CellError where the learner fails; RunError where the spec's evaluation does not fit its stream
 */
export function runInProcess(
  cell: Cell,
  onEvent: (event: LoopEvent, state: LoopState) => void = () => {},
): LoopOutcome {
  const schedule = createSchedule(cell);
  const evaluation = createEvaluation(cell.stream, cell.scenario, cell.seed, cell.evaluation.examples);
  const state = initialState();
  const account = () => accountOf(schedule, state, cell.gradients());
  try {
    const steps = loop(cell, schedule, evaluation, state);
    for (let next = steps.next({}); !next.done; ) {
      const step = next.value;
      next = advance(steps, () => {
        if (isRequest(step)) return respond(cell, step);
        onEvent(step, state);
        return {};
      });
    }
    return finish(cell, account(), state, cell.network?.theta.toArray() ?? new Float32Array());
  } catch (error) {
    return endedBy(error, account());
  }
}

/** Whether the loop waits for an answer. */
export function isRequest(step: Step): step is Request {
  return step.type === "train" || step.type === "endTask" || step.type === "answer" || step.type === "measure";
}
