import type { Cell } from "@everlearn/composition";
import { DivergedError, type State } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import {
  accountOf,
  CellError,
  type Course,
  createEvaluation,
  createSchedule,
  finish,
  initialState,
  isRequest,
  type LoopState,
  loop,
  type LoopOutcome,
  type Reply,
  type Request,
  respond,
  runInProcess,
  type Step,
  saveParts,
} from "../src/index.js";
import { type ToyOptions, toyCell } from "./cell.js";

/** What lies between a loop and a learner in another process: copies. */
const sent = <T>(message: T): T => structuredClone(message);

/** A loop that has no learner, only what it needs of a cell, from a state on. */
function remote(options: ToyOptions, state: LoopState) {
  const { name, seed, spec, batchSize, stream, scenario, boundaries, evaluation, metrics } = toyCell(options);
  const course: Course = { name, seed, spec, batchSize, stream, scenario, boundaries };
  const schedule = createSchedule({ name, stream, batchSize, evaluation });
  const asking = createEvaluation(stream, scenario, seed, evaluation.examples);
  return { steps: loop(course, schedule, asking, state), schedule, state, metrics, name, seed };
}

interface Snapshot {
  readonly state: LoopState;
  readonly parts: Readonly<Record<string, State>>;
}

/** Goes through a loop whose learner is another cell's. @param onEvent may save the state where the loop allows it */
function across(
  options: ToyOptions,
  learning: Cell,
  from = initialState(),
  onEvent: (snapshot: () => Snapshot) => void = () => {},
): LoopOutcome {
  const { steps, schedule, state, ...ours } = remote(options, from);
  let next = steps.next({});
  while (!next.done) {
    const step = next.value;
    if (step.type === "trained" || step.type === "experienced")
      onEvent(() => sent({ state, parts: saveParts(learning) }));
    next = steps.next(isRequest(step) ? sent(respond(learning, sent(step))) : {});
  }
  const account = accountOf(schedule, state, learning.gradients());
  return finish(ours, account, state, learning.network?.theta.toArray() ?? new Float32Array());
}

const toys: Readonly<Record<string, ToyOptions>> = {
  "one example after the other": {},
  "batches, with intermediate evaluations": { batchSize: 3, evaluation: { every: 4, examples: 5 } },
  "labels and ends of tasks": { taskLabels: "always", order: [0, 2, 0, 1], evaluation: { tasks: "current-and-next" } },
  "ends of tasks without labels": { boundaries: true },
  "mixed tasks": { mixed: true, taskLabels: "training", batchSize: 7, evaluation: { every: 10 } },
  "a metric and another seed": { seed: 5, metrics: { first: ({ accuracy }) => accuracy[0][0] } },
};

describe.each(Object.entries(toys))("a loop over %s", (_, options) => {
  const expected = runInProcess(toyCell(options));

  it("comes to the same with a learner that it never meets", () => {
    expect(across(options, toyCell(options))).toEqual(expected);
  });

  it("goes on to the same from wherever it was saved", () => {
    const snapshots: (() => void)[] = [];
    const draw = random(7, "stops");
    let events = 0;
    across(options, toyCell(options), initialState(), (snapshot) => {
      events++;
      if (draw.integer(6) > 0) return;
      const saved = snapshot();
      snapshots.push(() => {
        const learning = toyCell(options);
        for (const [place, state] of Object.entries(saved.parts)) learning.parts[place].load(state);
        expect(across(options, learning, saved.state)).toEqual(expected);
      });
    });
    expect(events).toBeGreaterThan(5);
    expect(snapshots.length).toBeGreaterThan(0);
    for (const goesOn of snapshots) goesOn();
  });

  it("starts from the very end, too, with nothing left to do", () => {
    const saved: Snapshot[] = [];
    across(options, toyCell(options), initialState(), (snapshot) => saved.splice(0, 1, snapshot()));
    const { steps } = remote(options, saved[0].state);
    expect(steps.next({})).toEqual({ done: true, value: undefined });
  });
});

/** A learner that answers nothing but what it must, and says what it is asked. */
function scripted(options: ToyOptions, answer: (request: Request) => Reply = () => ({})) {
  const asked: string[] = [];
  const { steps, state } = remote(options, initialState());
  const reply = (step: Step): Reply => {
    if (!isRequest(step)) return {};
    return step.type === "answer" ? { answers: new Uint16Array(step.queries.length), ...answer(step) } : answer(step);
  };
  /** Goes on until a step that fits. */
  function until(fits: (step: Step) => boolean): Step {
    for (let next = steps.next({}); !next.done; next = steps.next(reply(next.value))) {
      asked.push(next.value.type);
      if (fits(next.value)) return next.value;
    }
    throw new Error("It came to its end before.");
  }
  return { steps, state, asked, until };
}

/** What is thrown by something that throws. */
function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("It threw nothing.");
}

describe("the steps of a loop", () => {
  it("come in the order of a run", () => {
    const { asked, until } = scripted({ tasks: 1, train: 4, batchSize: 2, evaluation: { every: 2 }, boundaries: true });
    until((step) => step.type === "experienced");
    const evaluation = ["evaluating", "answer", "evaluated"];
    expect(asked).toEqual([
      ...evaluation,
      ...["train", "trained", ...evaluation, "train", "trained", "endTask"],
      ...[...evaluation, "measure", "experienced"],
    ]);
  });

  it("say what is evaluated, and what was found", () => {
    const { until } = scripted({ evaluation: { tasks: "current-and-next", every: 15, examples: 2 } });
    const found = () => until((step) => step.type === "evaluated");
    expect(found()).toMatchObject({ kind: "initial", tasks: [0, 1, 2] });
    expect(found()).toMatchObject({ kind: "intermediate", tasks: [0], accuracy: [expect.any(Number), null, null] });
    expect(found()).toMatchObject({
      kind: "row",
      tasks: [0, 1],
      accuracy: [...Array(2).fill(expect.any(Number)), null],
    });
  });

  it("tell a learner of a task's end only where it is to be told", () => {
    for (const [options, ends] of [
      [{ boundaries: true }, 3],
      [{ taskLabels: "training" }, 3],
      [{ taskLabels: "training", boundaries: false }, 0],
      [{}, 0],
    ] as const) {
      const { taskLabels } = runInProcess(toyCell(options));
      expect(taskLabels.boundaries).toBe(ends);
      expect(taskLabels.training).toBe("taskLabels" in options ? 60 : 0);
    }
  });

  it("take a learner that reports no gradients and no bytes", () => {
    const { until, state } = scripted({ tasks: 1, budget: { gradientsPerExample: 1, bytes: 1 } });
    until((step) => step.type === "experienced");
    expect(state).toMatchObject({ experience: 1, index: 0, bytes: 0 });
  });
});

describe("an error that is thrown into a loop", () => {
  const oops = new RangeError("Oops.");
  it.each<[place: string, options: ToyOptions, fits: (step: Step) => boolean, times: number]>([
    ["evaluation after 0 examples", {}, ({ type }) => type === "answer", 1],
    ["task 0, example 0", {}, ({ type }) => type === "train", 1],
    ["task 1, example 4", { batchSize: 4 }, ({ type }) => type === "train", 7],
    ["experience 2, example 3", { order: [0, 1, 0] }, ({ type }) => type === "train", 44],
    ["end of task 1", { taskLabels: "training" }, ({ type }) => type === "endTask", 2],
    ["evaluation after 20 examples", {}, ({ type }) => type === "answer", 2],
    ["evaluation after 28 examples", { evaluation: { every: 8 } }, ({ type }) => type === "answer", 5],
    ["task 0", {}, ({ type }) => type === "measure", 1],
  ])("becomes one that says where: %s", (place, options, fits, times) => {
    const { steps, until } = scripted(options);
    let left = times;
    until((step) => fits(step) && --left === 0);
    const error = thrown(() => steps.throw(oops)) as CellError;
    expect(error).toBeInstanceOf(CellError);
    expect(error.message).toBe(`toy, seed 0, ${place}: Oops.`);
    expect(error.cause).toBe(oops);
    expect(error.status).toBeUndefined();
    expect(steps.next({}).done).toBe(true);
  });

  it("where nothing was asked stays what it is", () => {
    for (const type of ["evaluating", "trained", "evaluated", "experienced"]) {
      const { steps, until } = scripted({});
      until((step) => step.type === type);
      expect(thrown(() => steps.throw(oops))).toBe(oops);
    }
  });

  it("is a result where it comes again: divergence", () => {
    const { steps, until } = scripted({});
    until((step) => step.type === "train");
    expect(thrown(() => steps.throw(new DivergedError(Number.NaN)))).toMatchObject({ status: "diverged" });
  });

  it("may be anything", () => {
    const { steps, until } = scripted({});
    until((step) => step.type === "train");
    expect(thrown(() => steps.throw("luck"))).toMatchObject({ message: "toy, seed 0, task 0, example 0: luck" });
  });

  it("is the loop's own for answers that are not one for each query", () => {
    for (const reply of [{}, { answers: new Uint16Array(95) }, { answers: new Uint16Array(97) }]) {
      const { steps, until } = scripted({});
      until((step) => step.type === "answer");
      expect(thrown(() => steps.next(reply))).toMatchObject({
        message: `toy, seed 0, evaluation after 0 examples: The learner gave ${reply.answers?.length ?? 0} answers to 96 queries.`,
      });
    }
  });
});

describe("a suite's budget", () => {
  const ends = (budget: ToyOptions["budget"] & object, answer: (request: Request) => Reply) => {
    const { until } = scripted({ budget }, answer);
    return thrown(() => until(() => false)) as CellError;
  };

  it("of gradients counts what the learner reports, and grants all of it", () => {
    let gradients = 0;
    const each = (more: number) => (request: Request) => ({
      gradients: request.type === "train" ? (gradients += more) : 0,
    });
    expect(ends({ gradientsPerExample: 2 }, each(2)).message).toBe("It came to its end before.");
    gradients = 0;
    const error = ends({ gradientsPerExample: 2 }, each(3));
    expect(error).toMatchObject({ status: "over-budget", cause: { name: "BudgetError" } });
    expect(error.message).toBe(
      "toy, seed 0, task 2, example 0: It used 123 gradients, of which the suite's budget grants 120; choose options that need less.",
    );
  });

  it("of bytes is held against the most that was kept", () => {
    const sizes = [1000, 5000, 10];
    let at = 0;
    const kept = (request: Request) => (request.type === "measure" ? { bytes: sizes[at++] } : {});
    expect(ends({ bytes: 5000 }, kept).message).toBe("It came to its end before.");
    at = 0;
    expect(ends({ bytes: 4999 }, kept).message).toBe(
      "toy, seed 0, task 1: It used 5,000 bytes of state, of which the suite's budget grants 4,999; choose options that need less.",
    );
  });
});
