import { existsSync } from "node:fs";
import { join } from "node:path";
import { createCell, type Plan } from "@everlearn/composition";
import type { Learner, Query, Stream } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { checkHonesty, isHonest } from "../src/honesty.js";
import { streamHash } from "../src/stream-hash.js";
import { planned, temporary } from "./fixture.js";

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
  const { stream, scenario, dispose } = await createCell(plan, 1_000_000);
  const answers = new Map<string, number>();
  for (let task = 0; task < stream.tasks; task++) {
    const test = stream.test(task);
    for (let i = 0; i < test.length; i++) answers.set(test.input(i).join(), scenario.answer(task, test.label(i)));
  }
  await dispose();
  return answers;
};

describe("the honesty of a run", () => {
  it("is found where there is nothing to find", async () => {
    const directory = temporary();
    const plan = await planned();
    const honesty = await checkHonesty(plan, { directory });
    expect(honesty).toMatchObject({
      specId: plan.specId,
      canary: { passed: true, chance: expect.closeTo(0.1, 12), seeds: [1_000_000] },
      batches: { passed: true, sizes: [1, 7, 256], queries: 300 },
      stream: { passed: true },
      taskLabels: { passed: true, granted: "never", handed: { training: 0, test: 0, boundaries: 0 } },
    });
    expect(honesty.stream.sha256[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(isHonest(honesty)).toBe(true);
    expect(existsSync(join(directory, "canary-1000000/result.json"))).toBe(true);
    expect(await checkHonesty(plan, { directory })).toEqual(honesty);
  });

  it("asks several canaries where tasks and classes are few", async () => {
    const stream = { use: "split", classesPerTask: 2, examplesPerTask: 30 };
    const { canary } = await checkHonesty(await planned({ stream }), { directory: temporary() });
    expect(canary).toMatchObject({ chance: 0.5, passed: true });
    expect(canary.seeds).toHaveLength(4);
    expect(canary.tolerance).toBeCloseTo((4 * Math.sqrt(0.25 / 2)) / Math.sqrt(5) / 2, 12);
  });

  it("is denied to a learner that knows the tests' labels", async () => {
    const plan = await planned();
    const known = await tests(plan);
    const cheat = withLearner(plan, (learner) => ({
      ...learner,
      predict: (queries) => Uint16Array.from(queries, ({ x }) => known.get(x.join()) ?? 0),
    }));
    const honesty = await checkHonesty(cheat, { directory: temporary() });
    expect(honesty.canary).toMatchObject({ passed: false, retainedAccuracy: 1 });
    expect(isHonest(honesty)).toBe(false);
  });

  it("is denied to a learner whose answers depend on the company of a question", async () => {
    const first = (learner: Learner) => (queries: readonly Query[]) =>
      learner.predict(queries).map((answer, _, all) => (all.length > 200 ? all[0] : answer));
    const plan = withLearner(await planned(), (learner) => ({ ...learner, predict: first(learner) }));
    const honesty = await checkHonesty(plan, { directory: temporary() });
    expect(honesty.batches.passed).toBe(false);
    expect(isHonest(honesty)).toBe(false);
  });

  it("says what was handed out where the scenario grants labels", async () => {
    const { taskLabels } = await checkHonesty(await planned({ scenario: { use: "task-il" } }), {
      directory: temporary(),
    });
    expect(taskLabels).toMatchObject({ passed: true, granted: "always", handed: { training: 90, boundaries: 3 } });
    expect(taskLabels.handed.test).toBeGreaterThan(0);
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
