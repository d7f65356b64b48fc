import type { Cell } from "@everlearn/composition";
import { DivergedError, type State } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import {
  accountOf,
  type Ahead,
  CellError,
  createEvaluation,
  createSchedule,
  finish,
  initialState,
  isRequest,
  type LoopState,
  loop,
  type LoopCourse,
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
function remote(options: ToyOptions, state: LoopState, ahead?: Ahead) {
  const { name, seed, spec, batchSize, stream, scenario, boundaries, evaluation, metrics } = toyCell(options);
  const course: LoopCourse = { name, seed, spec, batchSize, stream, scenario, boundaries };
  const schedule = createSchedule({ name, stream, batchSize, evaluation });
  const asking = createEvaluation(stream, scenario, seed, evaluation.examples);
  return { steps: loop(course, schedule, asking, state, ahead), schedule, state, metrics, name, seed };
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
  ahead?: Ahead,
): LoopOutcome {
  const { steps, schedule, state, ...ours } = remote(options, from, ahead);
  let next = steps.next();
  while (!next.done) {
    const step = next.value;
    if (step.type === "trained" || step.type === "experienced")
      onEvent(() => sent({ state, parts: saveParts(learning) }));
    next = steps.next(isRequest(step) ? sent(respond(learning, sent(step))) : undefined);
  }
  const account = accountOf(schedule, state);
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

  it("comes to the same however many examples a request holds", () => {
    const draw = random(11, "ahead");
    const aheads: Ahead[] = [
      { examples: () => 1, queries: 1 },
      { examples: () => 10, queries: 100 },
      { examples: () => 1e9, queries: 1e9 },
      { examples: () => draw.integer(9), queries: 37 },
    ];
    for (const ahead of aheads) {
      let stops = 0;
      const outcome = across(options, toyCell(options), initialState(), () => stops++, ahead);
      expect(outcome).toEqual(expected);
      expect(stops).toBeGreaterThan(0);
    }
  });

  it("starts from the very end, too, with nothing left to do", () => {
    const saved: Snapshot[] = [];
    across(options, toyCell(options), initialState(), (snapshot) => saved.splice(0, 1, snapshot()));
    const { steps } = remote(options, saved[0].state);
    expect(steps.next()).toEqual({ done: true, value: undefined });
  });
});

/** A learner that answers nothing but what it must, and says what it is asked. */
function scripted(options: ToyOptions, answer: (request: Request) => Partial<Reply> = () => ({}), ahead?: Ahead) {
  const asked: string[] = [];
  const { steps, state } = remote(options, initialState(), ahead);
  const reply = (step: Step): Reply | undefined => {
    if (!isRequest(step)) return undefined;
    const given = { gradients: 0, ...answer(step) };
    if (step.type === "answer") return { answers: new Uint16Array(step.queries.length), ...given };
    return step.type === "train"
      ? { learned: step.batches.map(() => ({ gradients: given.gradients })), ...given }
      : given;
  };
  /** Goes on until a step that fits. */
  function until(fits: (step: Step) => boolean): Step {
    for (let next = steps.next(); !next.done; next = steps.next(reply(next.value))) {
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
      ...[...evaluation, "save", "experienced"],
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

describe("a learner's error", () => {
  const oops = new RangeError("Oops.");
  it.each<[place: string, options: ToyOptions, fits: (step: Step) => boolean, times: number]>([
    ["evaluation after 0 examples", {}, ({ type }) => type === "answer", 1],
    ["task 0, example 0", {}, ({ type }) => type === "train", 1],
    ["task 1, example 4", { batchSize: 4 }, ({ type }) => type === "train", 7],
    ["experience 2, example 3", { order: [0, 1, 0] }, ({ type }) => type === "train", 44],
    ["end of task 1", { taskLabels: "training" }, ({ type }) => type === "endTask", 2],
    ["evaluation after 20 examples", {}, ({ type }) => type === "answer", 2],
    ["evaluation after 28 examples", { evaluation: { every: 8 } }, ({ type }) => type === "answer", 5],
    ["task 0", {}, ({ type }) => type === "save", 1],
  ])("becomes one that says where: %s", (place, options, fits, times) => {
    const { steps, state, until } = scripted(options);
    let left = times;
    until((step) => fits(step) && --left === 0);
    const error = thrown(() => steps.next({ gradients: 7, error: oops })) as CellError;
    expect(error).toBeInstanceOf(CellError);
    expect(error.message).toBe(`toy, seed 0, ${place}: Oops.`);
    expect(error.cause).toBe(oops);
    expect(error.status).toBeUndefined();
    expect(state.gradients).toBe(7);
    expect(steps.next().done).toBe(true);
  });

  it("names the batch after those that were learned", () => {
    const { steps, state, until } = scripted({ batchSize: 4 }, undefined, { examples: () => 1000, queries: 256 });
    until((step) => step.type === "train");
    const reply = { gradients: 11, learned: [{ gradients: 4 }, { gradients: 8 }], error: oops };
    expect(thrown(() => steps.next(reply))).toMatchObject({ message: "toy, seed 0, task 0, example 8: Oops." });
    expect(state).toMatchObject({ index: 8, gradients: 11 });
  });

  it.each([0, 1, 3])(
    "is the loop's own where it tells of %i batches of two, so that none is handed out again",
    (told) => {
      const { steps, until } = scripted({}, undefined, { examples: () => 2, queries: 256 });
      until((step) => step.type === "train");
      const learned = Array.from({ length: told }, () => ({ gradients: 0 }));
      expect(thrown(() => steps.next({ gradients: 0, learned }))).toMatchObject({
        message: `toy, seed 0, task 0, example 0: The learner told of ${told} batches when it was handed 2.`,
      });
    },
  );

  it("is missed where a request is not answered", () => {
    const { steps, until } = scripted({});
    until((step) => step.type === "train");
    expect(thrown(() => steps.next())).toMatchObject({ message: 'The loop\'s request "train" was not answered.' });
  });

  it("is a result where it comes again: divergence", () => {
    const { steps, until } = scripted({});
    until((step) => step.type === "train");
    expect(thrown(() => steps.next({ gradients: 0, error: new DivergedError(Number.NaN) }))).toMatchObject({
      status: "diverged",
    });
  });

  it("may be anything", () => {
    const { steps, until } = scripted({});
    until((step) => step.type === "train");
    expect(thrown(() => steps.next({ gradients: 0, error: "luck" }))).toMatchObject({
      message: "toy, seed 0, task 0, example 0: luck",
    });
  });

  it("is the loop's own for answers that are not one for each query", () => {
    for (const reply of [{}, { answers: new Uint16Array(95) }, { answers: new Uint16Array(97) }]) {
      const { steps, until } = scripted({});
      until((step) => step.type === "answer");
      expect(thrown(() => steps.next({ gradients: 0, ...reply }))).toMatchObject({
        message: `toy, seed 0, evaluation after 0 examples: The learner gave ${"answers" in reply ? reply.answers.length : 0} answers to 96 queries.`,
      });
    }
  });
});

describe("a suite's budget", () => {
  const ends = (budget: ToyOptions["budget"] & object, answer: (request: Request) => Partial<Reply>) => {
    const { until } = scripted({ budget }, answer);
    return thrown(() => until(() => false)) as CellError;
  };

  it("of gradients counts what the learner reports, and grants all of it", () => {
    let gradients = 0;
    const each = (more: number) => (request: Request) => ({
      gradients: request.type === "train" ? (gradients += more) : gradients,
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
    const kept = (request: Request) => (request.type === "save" ? { bytes: sizes[at++] } : {});
    expect(ends({ bytes: 5000 }, kept).message).toBe("It came to its end before.");
    at = 0;
    expect(ends({ bytes: 4999 }, kept).message).toBe(
      "toy, seed 0, task 1: It used 5,000 bytes of state, of which the suite's budget grants 4,999; choose options that need less.",
    );
  });
});
