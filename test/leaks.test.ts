import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cell, createCell } from "@everlearn/composition";
import type { Example, Learner, Query } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { type Result, runsOf } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { scratch } from "./scratch.js";

/** Plans a run and puts it together with a plugin file beside its spec, hands the cell to `use`, and lets go of it. */
async function composed<T>(
  spec: object,
  files: Readonly<Record<string, string>>,
  use: (cell: Cell, folder: string) => Promise<T>,
): Promise<T> {
  const folder = scratch();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const [one] = runsOf({ name: "leaks", ...spec }, join(folder, "spec.json"));
  const cell = await createCell(await plan(one, { from: [folder] }), 0);
  try {
    return await use(cell, folder);
  } finally {
    await cell.dispose();
  }
}

describe("a learner whose training labels were shuffled", () => {
  const options = { train: 1000, test: 1000 };
  // 617 and 1000 have no common divisor, so that every label goes to another example.
  const shuffled = `
    export default {
      contract: 2, kind: "dataset", name: "shuffled", description: "Examples with others' labels.", options: {}, needs: ["of"],
      create(_, { of: { train, ...whole } }) {
        const label = (i) => train.label((i * 617 + 1) % train.length);
        return { ...whole, train: { ...train, label }, checksum: "shuffled" };
      },
    };`;
  const reservoir = { use: "reservoir", capacity: 100 };
  const learners: Readonly<Record<string, object>> = {
    online: { learner: { use: "online", alpha: 0.03 } },
    er: { learner: { use: "er", alpha: 0.1, k: 6 }, buffer: reservoir },
    mer: { learner: { use: "mer", alpha: 0.05, beta: 0.3, s: 2, k: 5 }, buffer: reservoir },
  };
  const outcome = (dataset: object, scenario: string, learner: string): Promise<Result> =>
    composed(
      {
        dataset,
        stream: { use: "permuted", tasks: 2, examplesPerTask: 1000 },
        scenario: { use: scenario },
        network: { use: "mlp", hidden: [40] },
        ...learners[learner],
      },
      { "shuffled.mjs": shuffled },
      (cell, folder) => runCell(cell, { directory: join(folder, "run") }),
    );

  it.each([
    ["domain-il", "online"],
    ["domain-il", "er"],
    ["domain-il", "mer"],
    ["task-il", "er"],
    ["class-il", "er"],
  ])("is at chance in %s with %s: no answer reaches it by another way", async (scenario, learner) => {
    const result = await outcome({ use: "./shuffled.mjs", of: { use: "glyphs", ...options } }, scenario, learner);
    const accuracy = result.accuracy.map((row) => row.map((a) => a ?? Number.NaN));
    // A standard deviation of one point in an accuracy of 10%, and what a fixed wrong guess happens to hit.
    expect(Math.max(...accuracy.flat())).toBeLessThan(0.15);
    // In Class-IL it answers classes of the latest task only.
    const least = scenario === "class-il" ? accuracy.map((row, i) => row[i]) : accuracy.flat();
    expect(Math.min(...least)).toBeGreaterThan(0.05);
  });

  it.each(Object.keys(learners))("would learn from the right ones (%s)", async (learner) => {
    const { metrics } = await outcome({ use: "glyphs", ...options }, "domain-il", learner);
    expect(metrics.learningAccuracy).toBeGreaterThan(0.4);
  });
});

describe("what a scenario does not grant", () => {
  type Seen = Readonly<Record<"observed" | "asked", Set<string>>> & { ends: number };
  const spy = (needs: readonly string[]) => `
    export default {
      contract: 2, kind: "learner", name: "spy", description: "Writes down what it is told.", options: {}, needs: ${JSON.stringify(needs)},
      create() {
        const seen = { observed: new Set(), asked: new Set(), ends: 0 };
        const note = (set, told) => { for (const one of told) for (const key in one) set.add(key); };
        return {
          seen,
          observe: (batch) => note(seen.observed, batch),
          endTask() { seen.ends++; },
          predict(queries) {
            note(seen.asked, queries);
            return new Uint16Array(queries.length);
          },
          save: () => null,
          load() {},
        };
      },
    };`;
  const streams: Readonly<Record<string, object>> = {
    rotated: { use: "rotated", tasks: 3, examplesPerTask: 10 },
    permuted: { use: "permuted", tasks: 3, examplesPerTask: 10 },
    split: { use: "split", classesPerTask: 5 },
  };
  /** The keys that a learner with these needs sees, and whether it is told where tasks end. */
  interface Case {
    readonly stream: string;
    readonly scenario: object;
    readonly observed: readonly (keyof Example)[];
    readonly asked: readonly (keyof Query)[];
    readonly told: boolean;
    readonly needs?: readonly string[];
  }
  const x: keyof Query = "x";
  const y: keyof Example = "y";

  it.each(
    Object.keys(streams).flatMap((stream): Case[] => [
      { stream, scenario: { use: "domain-il" }, observed: [x, y], asked: [x], told: false },
      { stream, scenario: { use: "class-il" }, observed: [x, y], asked: [x], told: false },
      // Where tasks end is granted by itself, to those that need it.
      { stream, scenario: { use: "domain-il" }, observed: [x, y], asked: [x], told: true, needs: ["boundaries"] },
      { stream, scenario: { use: "class-il" }, observed: [x, y], asked: [x], told: true, needs: ["boundaries"] },
      {
        stream,
        scenario: { use: "domain-il", taskLabels: "training" },
        observed: ["task", x, y],
        asked: [x],
        told: true,
      },
      {
        stream,
        scenario: { use: "class-il", taskLabels: "training" },
        observed: ["task", x, y],
        asked: [x],
        told: true,
      },
      {
        stream,
        scenario: { use: "task-il" },
        observed: ["outputs", "task", x, y],
        asked: ["outputs", "task", x],
        told: true,
      },
    ]),
  )("reaches no learner: $stream in $scenario", async ({ stream, scenario, observed, asked, told, needs = [] }) => {
    const spec = {
      dataset: { use: "glyphs", train: 60, test: 40 },
      stream: streams[stream],
      scenario,
      learner: { use: "./spy.mjs" },
    };
    await composed(spec, { "spy.mjs": spy(needs) }, async (cell, folder) => {
      await runCell(cell, { directory: join(folder, "run") });
      const { seen } = cell.learner as Learner & { seen: Seen };
      expect([...seen.observed].toSorted()).toEqual(observed);
      expect([...seen.asked].toSorted()).toEqual(asked);
      expect(seen.ends).toBe(told ? cell.stream.tasks : 0);
    });
  });
});
