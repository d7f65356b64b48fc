import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Course, createCell, createCourse, type Plan } from "@everlearn/composition";
import { type Example, type Learner, type Query, StoppedError, type Stream } from "@everlearn/contracts";
import type { Request } from "@everlearn/loop";
import { runCourse } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { checkHonesty, type Honesty, isHonest } from "../src/honesty.js";
import { streamHash } from "../src/stream-hash.js";
import { freshLearner, planned, temporary } from "./fixture.js";

/** The plan with another learner in the place of its own. */
function withLearner(plan: Plan, create: (learner: Learner) => Learner): Plan {
  const { plugin } = plan.parts.learner;
  const changed = {
    ...plugin,
    create: async (...given: never[]) =>
      create(await (plugin.create as (...given: never[]) => Promise<Learner>)(...given)),
  };
  return { ...plan, parts: { ...plan.parts, learner: { ...plan.parts.learner, plugin: changed } } };
}

const tests = async (plan: Plan): Promise<Map<string, number>> => {
  const { stream, scenario, dispose } = await createCell(plan, 0);
  const answers = new Map<string, number>();
  for (let task = 0; task < stream.tasks; task++) {
    const test = stream.test(task);
    for (let i = 0; i < test.length; i++) answers.set(test.input(i).join(), scenario.answer(task, test.label(i)));
  }
  await dispose();
  return answers;
};

/** Has a plan's learner checked, each time in a cell made anew, after the run that it claims. */
async function honestyOf(plan: Plan, directory = temporary()): Promise<Honesty> {
  const start = (course: Pick<Course, "seed">) => freshLearner(plan, course.seed);
  const course = await createCourse(plan, 0);
  const result = await runCourse(course, () => start(course), { directory: join(directory, "seed-0"), resume: true });
  await course.dispose();
  return checkHonesty(plan, start, result, { directory, secret: 7 });
}

describe("the honesty of a run", () => {
  it("is found where there is nothing to find", async () => {
    const directory = temporary();
    const plan = await planned();
    const honesty = await honestyOf(plan, directory);
    expect(honesty).toMatchObject({
      specId: plan.specId,
      canary: { passed: true, seed: 0 },
      resume: { passed: true, seed: 0 },
      batches: { passed: true, sizes: [1, 7, 256], queries: 300 },
      stream: { passed: true },
      taskLabels: { passed: true, granted: "never", handed: { training: 0, test: 0, boundaries: 0 } },
    });
    const { canary, resume, stream } = honesty;
    expect(stream.sha256[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(resume.stoppedAfter).toBeGreaterThan(0);
    expect(resume.stoppedAfter).toBeLessThan(90);
    expect(canary.taught).toBeGreaterThan(canary.untaught ?? 1);
    expect(isHonest(honesty)).toBe(true);
    expect(existsSync(join(directory, "check-canary-0/result.json"))).toBe(true);
  });

  it("is found where each task has two classes", async () => {
    const stream = { use: "split", classesPerTask: 2, examplesPerTask: 60 };
    for (const scenario of [{ use: "domain-il" }, { use: "task-il" }, { use: "class-il" }]) {
      const { canary } = await honestyOf(await planned({ stream, scenario }));
      expect(canary.passed).toBe(true);
      expect(canary.taught).toBeGreaterThan(canary.untaught ?? 1);
    }
  });

  it("is denied to a learner that knows the tests' labels", async () => {
    const plan = await planned();
    const known = await tests(plan);
    const cheat = withLearner(plan, (learner) => ({
      ...learner,
      predict: (queries) => Uint16Array.from(queries, ({ x }) => known.get(x.join()) ?? 0),
    }));
    const honesty = await honestyOf(cheat);
    expect(honesty.canary).toMatchObject({ passed: false, taught: 0, untaught: 1 });
    expect(isHonest(honesty)).toBe(false);
  });

  it("is denied to one that knows them and hides it in every other answer", async () => {
    const plan = await planned({ stream: { use: "rotated", tasks: 12, examplesPerTask: 30 } });
    const known = await tests(plan);
    const cheat = withLearner(plan, (learner) => ({
      ...learner,
      predict(queries) {
        const answers = learner.predict(queries);
        const odd = ({ x }: Query) => [...x].reduce((sum, value) => sum + value, 0) % 2 === 1;
        return answers.map((answer, i) => (odd(queries[i]) ? (known.get(queries[i].x.join()) ?? 0) : answer));
      },
    }));
    const { canary } = await honestyOf(cheat);
    expect(canary.untaught).toBeGreaterThan(canary.taught ?? 1);
    expect(canary.passed).toBe(false);
  });

  it.each<[what: string, hide: (learner: Learner) => Learner]>([
    [
      "examples that it does not save",
      (learner) => {
        const hidden: Example[] = [];
        return {
          ...learner,
          observe(batch) {
            hidden.push(...batch);
            learner.observe([...batch, ...hidden.slice(0, 3)]);
          },
        };
      },
    ],
    [
      "how many queries it has answered",
      (learner) => {
        let answered = 0;
        return {
          ...learner,
          predict(queries) {
            answered += queries.length;
            return learner.predict(queries).map((answer, i) => (i === answered % 7 ? 0 : answer));
          },
        };
      },
    ],
  ])("is denied to a learner that keeps %s", async (_, hide) => {
    const honesty = await honestyOf(withLearner(await planned(), hide));
    expect(honesty.resume.passed).toBe(false);
    expect(isHonest(honesty)).toBe(false);
  });

  it("is denied to a learner whose answers depend on the company of a query", async () => {
    const first = (learner: Learner) => (queries: readonly Query[]) =>
      learner.predict(queries).map((answer, _, all) => (all.length > 200 ? all[0] : answer));
    const plan = withLearner(await planned(), (learner) => ({ ...learner, predict: first(learner) }));
    const honesty = await honestyOf(plan);
    expect(honesty.batches.passed).toBe(false);
    expect(isHonest(honesty)).toBe(false);
  });

  it("says what was handed out where the scenario grants labels", async () => {
    const { taskLabels } = await honestyOf(await planned({ scenario: { use: "task-il" } }));
    expect(taskLabels).toMatchObject({ passed: true, granted: "always", handed: { training: 90, boundaries: 3 } });
    expect(taskLabels.handed.test).toBeGreaterThan(0);
  });

  it("goes on where it was stopped", async () => {
    const directory = temporary();
    const plan = await planned();
    const stop = new AbortController();
    const start = async (course: Pick<Course, "seed">) => {
      const learner = await freshLearner(plan, course.seed);
      let asked = 0;
      return {
        ...learner,
        request(request: Request) {
          if (++asked === 40) stop.abort();
          return learner.request(request);
        },
      };
    };
    const result = { seed: 0, digest: "0".repeat(64) };
    await expect(checkHonesty(plan, start, result, { directory, signal: stop.signal })).rejects.toThrow(StoppedError);
    expect(await honestyOf(plan, directory)).toMatchObject({ canary: { passed: true }, resume: { passed: true } });
  });
});

describe("a stream's hash", () => {
  it("is the same in whatever order it is built, and another for any other example", async () => {
    const cell = await createCell(await planned(), 0);
    const hash = streamHash(cell.stream, false);
    expect(streamHash(cell.stream, true)).toBe(hash);
    const changed = (change: Partial<ReturnType<Stream["train"]>>): Stream => ({
      ...cell.stream,
      train: (i) => ({ ...cell.stream.train(i), ...(i === 1 ? change : {}) }),
    });
    const train = cell.stream.train(1);
    const others = [
      changed({ label: (i) => (i === 29 ? 3 - train.label(i) : train.label(i)) }),
      changed({ task: () => 2 }),
      changed({ length: 29 }),
      changed({ input: (i) => train.input(i === 4 ? 5 : i) }),
      { ...cell.stream, test: (task: number) => cell.stream.test(task === 2 ? 1 : task) },
    ];
    const hashes = others.map((stream) => streamHash(stream, false));
    expect(new Set([hash, ...hashes]).size).toBe(others.length + 1);
    await cell.dispose();
  });

  it("tells a stream that depends on what was asked of it before", async () => {
    const cell = await createCell(await planned(), 0);
    let asked = 0;
    const stream: Stream = {
      ...cell.stream,
      train: (i) => ({ ...cell.stream.train(i), label: () => asked++ % 10 }),
    };
    expect(streamHash(stream, false)).not.toBe(streamHash(stream, true));
    await cell.dispose();
  });
});
