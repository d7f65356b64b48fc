import { type Query, RunError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { createEvaluation, type Evaluation } from "../src/evaluation.js";
import type { Reply, Step } from "../src/step.js";
import { toyCell } from "./cell.js";

// 300 questions: a whole batch and a part of one.
const { stream, scenario, network } = toyCell({ tasks: 3, test: 100 });
const { scenario: labelled } = toyCell({ tasks: 3, test: 100, taskLabels: "always" });

type Predict = (queries: readonly Query[]) => Uint16Array;
type Asking = ReturnType<Evaluation["ask"]>;

/** Yields the queries, and takes the answers from the reply. */
function* asking(queries: readonly Query[]): Generator<Step, Uint16Array, Reply | undefined> {
  const reply = yield { type: "answer", queries };
  return reply?.answers ?? new Uint16Array();
}

/** What an evaluation finds whose requests are answered so; it asks for answers and nothing else. */
function answered(steps: Asking, predict: Predict) {
  for (let next = steps.next(); ; ) {
    if (next.done) return next.value;
    if (next.value.type !== "answer") throw new Error("An evaluation does not teach.");
    next = steps.next({ gradients: 0, answers: predict(next.value.queries) });
  }
}
const evaluate = (predict: Predict, seed = 0, grants = scenario) =>
  answered(createEvaluation(stream, grants, seed, 0).ask([0, 1, 2], "all", asking), predict);

/** A number for an input's content, unlike those of the others. */
const mark = ({ x }: Pick<Query, "x">) => [...x].reduce((sum, value) => (sum * 257 + value) % 2_147_483_647, 7);
const marks = (task: number) => Array.from({ length: 100 }, (_, i) => mark({ x: stream.test(task).input(i) }));

describe("an evaluation", () => {
  it("asks about every test example once, tasks mixed", () => {
    const asked: number[] = [];
    const sizes: number[] = [];
    evaluate((queries) => {
      sizes.push(queries.length);
      asked.push(...queries.map(mark));
      return new Uint16Array(queries.length);
    });
    const all = [0, 1, 2].flatMap(marks);
    expect(new Set(all).size).toBe(300);
    expect(Float64Array.from(asked).sort()).toEqual(Float64Array.from(all).sort());
    expect(sizes).toEqual([256, 44]);
    const ofFirst = new Set(marks(0));
    const early = asked.slice(0, 100).filter((m) => ofFirst.has(m)).length;
    expect(early).toBeGreaterThan(15);
    expect(early).toBeLessThan(55);
  });

  it("never tells the answer", () => {
    for (const [grants, keys] of [
      [scenario, ["x"]],
      [labelled, ["outputs", "task", "x"]],
    ] as const)
      evaluate(
        (queries) => {
          for (const query of queries) expect(Object.keys(query).toSorted()).toEqual(keys);
          return new Uint16Array(queries.length);
        },
        0,
        grants,
      );
  });

  it("counts right answers by task, and keeps the answers in the tasks' order", () => {
    const right = new Map<number, number>();
    for (let task = 0; task < 3; task++)
      marks(task).forEach((m, i) => right.set(m, scenario.answer(task, stream.test(task).label(i))));
    const knowing: Predict = (queries) => Uint16Array.from(queries, (query) => right.get(mark(query)) ?? 99);
    const { accuracy, predictions } = evaluate(knowing);
    expect(accuracy).toEqual([1, 1, 1]);
    expect([...predictions]).toEqual([0, 1, 2].flatMap((task) => marks(task).map((m) => right.get(m))));

    const first = new Set(marks(1).slice(0, 25));
    const halfKnowing: Predict = (queries) =>
      Uint16Array.from(queries, (query) => (first.has(mark(query)) ? 99 : (right.get(mark(query)) ?? 99)));
    expect(evaluate(halfKnowing).accuracy).toEqual([1, 0.75, 1]);
    const never: Predict = (queries) => new Uint16Array(queries.length).fill(1000);
    expect(evaluate(never).accuracy).toEqual([0, 0, 0]);
  });

  it("counts how often each output was answered where each was right", () => {
    const evaluation = createEvaluation(stream, scenario, 0, 0);
    const { outputs } = scenario;
    const truth = [0, 1, 2].flatMap((task) =>
      Array.from({ length: 100 }, (_, i) => ({ task, y: scenario.answer(task, stream.test(task).label(i)) })),
    );
    const answers = Uint16Array.from(truth, ({ y }, i) => (i % 3 === 0 ? (y + 1) % outputs : i % 50 === 1 ? 999 : y));
    for (const tasks of [[0, 1, 2], [2], []]) {
      const expected = Array.from({ length: outputs }, (_, y) =>
        Array.from(
          { length: outputs },
          (_, a) => truth.filter((one, i) => tasks.includes(one.task) && one.y === y && answers[i] === a).length,
        ),
      );
      expect(evaluation.confusion(tasks, answers)).toEqual(expected);
    }
  });

  it("does not depend on the order in which it asks", () => {
    const learner: Predict = (queries) => network.predict(queries);
    const [a, b] = [evaluate(learner, 1), evaluate(learner, 2)];
    expect(a).toEqual(b);
    expect(Math.max(...a.accuracy.map(Number))).toBeGreaterThan(0);
  });

  it("keeps its inputs apart from each other, and the stream's from the learner", () => {
    const before = marks(2);
    evaluate((queries) => {
      expect(new Set(queries.map(({ x }) => x)).size).toBe(queries.length);
      for (const { x } of queries) x.fill(0);
      return new Uint16Array(queries.length);
    });
    expect(marks(2)).toEqual(before);
  });

  it("asks batch by batch, and ends where an error is thrown in answer", () => {
    let requests = 0;
    evaluate((queries) => {
      requests++;
      return new Uint16Array(queries.length);
    });
    expect(requests).toBe(2);
    const steps = createEvaluation(stream, scenario, 0, 0).ask([0, 1, 2], "all", asking);
    expect(steps.next().value).toMatchObject({ type: "answer" });
    expect(() => steps.throw(new Error("Stop."))).toThrow("Stop.");
    expect(steps.next().done).toBe(true);
  });

  it.each([-1, 1])("refuses answers that are not one for each query: %i", (more) => {
    const learner: Predict = (queries) => new Uint16Array(queries.length + more);
    expect(() => evaluate(learner)).toThrow(new RangeError(`The learner gave ${256 + more} answers to 256 queries.`));
  });

  it("refuses a task without test examples", () => {
    const hollow = { ...stream, test: (task: number) => ({ ...stream.test(task), length: task === 1 ? 0 : 5 }) };
    expect(() => createEvaluation(hollow, scenario, 0, 0)).toThrow(RunError);
    expect(() => createEvaluation(hollow, scenario, 0, 0)).toThrow(/^Task 1 has no test examples/);
  });
});

describe("an evaluation of some tasks", () => {
  /** Which inputs a learner is asked about, in order, and what comes of it. */
  function listened(which: "all" | "sample", tasks: readonly number[], examples = 0, seed = 0) {
    const asked: number[] = [];
    const learner: Predict = (queries) => {
      asked.push(...queries.map(mark));
      return new Uint16Array(queries.length).fill(1);
    };
    const answers = answered(createEvaluation(stream, scenario, seed, examples).ask(tasks, which, asking), learner);
    return { asked, ...answers };
  }

  it("asks about theirs in the order of the whole, and leaves the others null", () => {
    const whole = listened("all", [0, 1, 2]);
    const some = listened("all", [2, 0]);
    const chosen = new Set([...marks(0), ...marks(2)]);
    expect(some.asked).toEqual(whole.asked.filter((m) => chosen.has(m)));
    expect(some.asked).toHaveLength(200);
    expect(some.accuracy).toEqual([whole.accuracy[0], null, whole.accuracy[2]]);
    expect(createEvaluation(stream, scenario, 0, 0).questions([0, 2])).toBe(200);
  });

  it("samples the same few of each, others at another seed", () => {
    const { asked } = listened("sample", [0, 1], 7);
    for (const task of [0, 1]) {
      const own = new Set(marks(task));
      expect(asked.filter((m) => own.has(m))).toHaveLength(7);
    }
    expect(asked).toHaveLength(14);
    const [first, second] = [0, 1].map((task) => asked.map((m) => marks(task).indexOf(m)).filter((i) => i >= 0));
    expect(new Set(first)).not.toEqual(new Set(second));
    expect(listened("sample", [1, 0], 7).asked).toEqual(asked);
    const two = new Set(listened("sample", [0, 2], 7).asked);
    expect(asked.filter((m) => two.has(m))).toHaveLength(7); // those of task 0
    const other = listened("sample", [0, 1], 7, 1);
    expect(new Set([...other.asked, ...asked]).size).toBeGreaterThan(14);
  });

  it("samples more of them where more are asked for, those before among them", () => {
    const few = listened("sample", [0, 1, 2], 10);
    const more = new Set(listened("sample", [0, 1, 2], 30).asked);
    expect(more.size).toBe(90);
    expect(few.asked.every((m) => more.has(m))).toBe(true);
    const own = marks(0);
    const places = few.asked.map((m) => own.indexOf(m)).filter((i) => i >= 0);
    expect(Math.max(...places)).toBeGreaterThan(30); // not the stream's first ones
  });

  it.each([0, 100, 1000])("samples all with %i", (examples) => {
    const whole = listened("all", [0, 1, 2]);
    expect(listened("sample", [0, 1, 2], examples)).toEqual(whole);
  });

  it("counts the right answers among those asked about", () => {
    const { asked, accuracy } = listened("sample", [1], 8);
    const own = marks(1);
    const right = asked.filter((m) => scenario.answer(1, stream.test(1).label(own.indexOf(m))) === 1).length;
    expect(accuracy).toEqual([null, right / 8, null]);
  });
});
