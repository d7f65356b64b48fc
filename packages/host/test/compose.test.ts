import { join } from "node:path";
import { random } from "@everlearn/random";
import { beforeEach, describe, expect, it } from "vitest";
import { type Cell, compose, type Plan, plan, type RunSpec, runsOf, SpecError } from "../src/index.js";
import { type Fake, fake, fakes, tree } from "./tree.js";

const mer = { use: "mer", alpha: 0.1 };
const quick = { name: "quick", stream: { use: "plain" }, learner: mer, buffer: { use: "reservoir", capacity: 5 } };
const happened: string[] = [];
const scope = globalThis as { everlearnLog?: string[] };
beforeEach(() => {
  happened.length = 0;
  scope.everlearnLog = happened;
});

const run = (changes: object = {}): RunSpec => runsOf({ ...quick, ...changes }, "quick.json")[0];
const planned = (changes: object = {}, root = tree(fakes())): Promise<Plan> => plan(run(changes), { from: [root] });

async function refusal(changes: object, more: Fake[] = []): Promise<string> {
  const root = tree(Object.assign(fakes(), ...more.map(fake)) as Record<string, string>);
  const error: unknown = await planned(changes, root).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}

/** What the fakes answer beyond their contracts. */
const inside = (cell: Cell) => cell as unknown as Record<string, Record<string, unknown>>;

describe("plan", () => {
  it("says what every part is and what its options are", async () => {
    const { spec, plugins, specId } = await planned({
      metrics: [{ use: "mean" }],
      trackers: [{ use: "memory" }],
      description: "A try.",
    });
    expect(spec).toEqual({
      name: "quick",
      description: "A try.",
      dataset: { use: "glyphs", size: 3 },
      stream: { use: "plain", tasks: 2 },
      scenario: { use: "domain-il" },
      network: { use: "mlp", hidden: [100, 100] },
      learner: { use: "mer", alpha: 0.1, k: 2 },
      buffer: { use: "reservoir", capacity: 5, labels: false },
      batchSize: 1,
      metrics: [{ use: "mean", scale: 1 }],
      trackers: [{ use: "memory" }], // without its options: they may hold tokens
      seeds: [0],
    });
    expect(plugins.learner).toEqual({ name: "mer", package: "@fake/learner-mer", version: "1.0.0" });
    expect(Object.keys(plugins).sort()).toEqual(
      "buffer dataset learner metrics/0 network scenario stream trackers/0".split(" "),
    );
    expect(specId).toMatch(/^[0-9a-f]{64}$/);
  });

  it("tells everything that is wrong at once, each with its place in the file", async () => {
    const runs = [{ name: "a" }, { name: "b", learner: { use: "mer", alpha: -1 }, metrics: [{ use: "meen" }] }];
    const [, b] = runsOf({ ...quick, stream: { use: "plain", task: 3 }, runs }, "quick.json");
    const error: unknown = await plan(b, { from: [tree(fakes())] }).catch((error: unknown) => error);
    expect((error as SpecError).problems).toEqual([
      'quick.json: /stream has no option "task"; did you mean "tasks"? Its options: tasks.',
      "quick.json: /runs/1/learner/alpha must be > 0 and ≤ 1, but is -1.",
      'quick.json: /runs/1/metrics/0/use: There is no metric "meen"; did you mean "mean"? Installed metrics: mean.',
    ]);
    const { source: _, ...unread } = b;
    await expect(plan(unread, { from: [tree(fakes())] })).rejects.toThrow("/learner/alpha must be > 0");
  });

  it.each<[string, object, string]>([
    [
      "a learner without its buffer",
      { buffer: null },
      'learner "mer" needs a buffer, but the run has none; add one, such as "buffer": {"use": "reservoir", "capacity": 200}.',
    ],
    [
      "a buffer that nobody uses",
      { learner: { use: "online" } },
      'learner "online" uses no buffer, but the run has "reservoir"; take the buffer away.',
    ],
    [
      "task labels that the scenario could give",
      { learner: { use: "gem" }, buffer: null, scenario: { use: "class-il" } },
      'learner "gem" needs task labels during training, which scenario "class-il" does not grant; use "task-il", or give "class-il" the option "taskLabels": "training".',
    ],
    [
      "task labels that it cannot give, here for a buffer by its options",
      { buffer: { use: "reservoir", capacity: 5, labels: true } },
      'buffer "reservoir" needs task labels during training, which scenario "domain-il" does not grant; use "task-il".',
    ],
    [
      "options that do not fit the parts",
      { learner: { ...mer, k: 300 } },
      'learner "mer": k = 300 asks for too many draws.',
    ],
    ["a dataset's complaint", { dataset: { use: "glyphs", size: 101 } }, 'dataset "glyphs": size = 101 is too much.'],
    [
      "a metric twice",
      { metrics: [{ use: "mean" }, { use: "mean", scale: 2 }] },
      'metric "mean" is there twice; keep one.',
    ],
  ])("refuses %s", async (_, changes, sentence) => {
    expect(await refusal({ runs: [{ name: "quick", ...changes }] })).toBe(`quick.json: /runs/0: ${sentence}`);
    const { source: _source, ...unread } = run({ ...changes, name: "quick" });
    await expect(plan(unread, { from: [tree(fakes())] })).rejects.toThrow(new SpecError(sentence));
  });

  it("refuses needs that it does not know", async () => {
    const future: Fake = { kind: "learner", name: "future", body: 'options: {}, needs: ["gpu"], create: () => ({})' };
    expect(await refusal({ learner: { use: "future" }, buffer: null }, [future])).toBe(
      'quick.json: learner "future" needs "gpu", which no run can grant it.',
    );
  });

  it("lets plugins' own errors through", async () => {
    const bad: Fake = { kind: "learner", name: "bad", body: "options: {}, create() { throw new Error('oops'); }" };
    const root = tree({ ...fakes(), ...fake(bad) });
    await expect(planned({ learner: { use: "bad" }, buffer: null }, root)).rejects.toThrow(new Error("oops"));
  });

  it("names the plugin that slipped, or whose options are no schema", async () => {
    const slip: Fake = { kind: "learner", name: "slip", body: "options: {}, create() { return network.foo(); }" };
    const odd: Fake = {
      kind: "learner",
      name: "odd",
      body: "options: { a: { type: 'number', description: 'An a.', range: 3 } }, create() {}",
    };
    const root = tree({ ...fakes(), ...fake(slip), ...fake(odd) });
    await expect(planned({ learner: { use: "slip" }, buffer: null }, root)).rejects.toThrow(
      'learner "slip": network is not defined',
    );
    await expect(planned({ learner: { use: "odd", a: 1 }, buffer: null }, root)).rejects.toThrow(
      /The learner "odd" declares options that are no JSON Schema: .*range/,
    );
  });

  it("grants task labels where the scenario gives them", async () => {
    const scenario = { use: "class-il", taskLabels: "training" };
    expect((await planned({ learner: { use: "gem" }, buffer: null, scenario })).plugins.learner.name).toBe("gem");
  });

  it("lets go of what the rehearsal made, and makes no tracker for it", async () => {
    await planned({ trackers: [{ use: "memory" }] });
    expect(happened.filter((line) => line.startsWith("make"))).toHaveLength(5);
    expect(happened.filter((line) => line.startsWith("dispose"))).toHaveLength(4); // not the dataset
  });
});

describe("compose", () => {
  it("hands each part what it asks for, once each", async () => {
    const result = await planned({ network: { use: "mlp", hidden: [] }, batchSize: 10 });
    const cell = await compose(result, 3);
    const { stream, network, learner, buffer, scenario } = inside(cell);
    expect(cell).toMatchObject({ name: "quick", seed: 3, batchSize: 10, specId: result.specId, trackers: [] });
    expect(cell.spec).toBe(result.spec);
    expect(network).toMatchObject({ inputs: 6, outputs: 2, hidden: [] });
    expect(learner.network).toBe(network);
    expect(learner.buffer).toBe(buffer);
    expect(scenario.stream).toBe(stream);
    expect(stream.dataset).toBe(result.dataset);
    for (const kind of ["stream", "network", "buffer", "learner"])
      expect(inside(cell)[kind].draw).toBe(random(3, kind).integer(1e9));
    expect(Object.keys(cell.parts)).toEqual(
      "network buffer learner random-stream random-network random-learner random-buffer".split(" "),
    );
    expect(cell.parts["random-learner"].save()).not.toEqual(random(3, "learner").save()); // it is the one that drew
    await cell.dispose();
  });

  it("gives a learner without need for a buffer none", async () => {
    const cell = await compose(await planned({ learner: { use: "online" }, buffer: null }), 0);
    expect(Object.keys(inside(cell).learner.given as object)).toEqual(["network", "random"]);
    expect(cell).not.toHaveProperty("buffer");
    expect(cell.parts).not.toHaveProperty("random-buffer");
  });

  it("makes a new everything for every cell, except the dataset", async () => {
    const root = tree(fakes());
    const dataset = { use: "glyphs", size: 7 };
    const first = await planned({ dataset }, root);
    const [a, b] = await Promise.all([compose(first, 0), compose(first, 0)]);
    expect(a.network).not.toBe(b.network);
    expect(a.learner).not.toBe(b.learner);
    expect(a.cellId).toBe(b.cellId);
    const second = await planned({ dataset, learner: { ...mer, k: 1 } }, root);
    expect(second.dataset).toBe(first.dataset);
    expect((await planned({ dataset: { ...dataset, size: 8 } }, root)).dataset).not.toBe(first.dataset);
    const folder = join(root, "data");
    const elsewhere = await plan(run({ dataset }), { from: [root], folder });
    expect(elsewhere.dataset).toMatchObject({ folder });
    expect(happened.filter((line) => line === "make dataset")).toHaveLength(3);
  });

  it("makes metrics by name, and trackers where there is a directory", async () => {
    const result = await planned({ metrics: [{ use: "mean", scale: 4 }], trackers: [{ use: "memory" }] });
    const cell = await compose(result, 0, { directory: "out/quick" });
    expect(cell.metrics.mean({ accuracy: [], initial: [] })).toBe(4);
    expect(cell.trackers).toEqual([expect.objectContaining({ directory: "out/quick" })]);
    await cell.dispose();
  });

  it("lets go of its parts once, the last made first", async () => {
    const result = await planned({ trackers: [{ use: "memory" }] });
    happened.length = 0;
    const cell = await compose(result, 0, { directory: "x" });
    const made = happened.map((line) => line.replace("make", "dispose"));
    expect(made[0]).toBe("dispose stream");
    expect(made.slice(-2)).toEqual(["dispose learner", "dispose tracker"]);
    happened.length = 0;
    await cell.dispose();
    await cell.dispose();
    expect(happened).toEqual(made.reverse());
  });

  it("lets go of all parts though one of them fails to", async () => {
    const body = (text: string) =>
      `options: {}, create: () => ({ record() {}, dispose() { throw new Error("${text}"); } })`;
    const root = tree({
      ...fakes(),
      ...fake({ kind: "tracker", name: "a", body: body("first") }),
      ...fake({ kind: "tracker", name: "b", body: body("second") }),
    });
    const trackers = [{ use: "a" }, { use: "b" }];
    const one = await compose(await planned({ trackers: trackers.slice(1) }, root), 0, { directory: "x" });
    await expect(one.dispose()).rejects.toThrow(new Error("second"));
    const two = await compose(await planned({ trackers }, root), 0, { directory: "x" });
    happened.length = 0;
    await expect(two.dispose()).rejects.toMatchObject({ errors: [new Error("second"), new Error("first")] });
    expect(happened).toContain("dispose network");
  });

  it("lets go of what was made where a later part fails, even of what was still being made", async () => {
    const buffer = { use: "reservoir", capacity: 13 };
    expect(await refusal({ buffer })).toBe('quick.json: buffer "reservoir": capacity = 13 brings bad luck.');
    expect(happened).toEqual([
      "make dataset",
      "make stream",
      "make buffer",
      "make network",
      "dispose network",
      "dispose stream",
    ]);
  });

  it("knows a seed when it sees one", async () => {
    const result = await planned();
    await expect(compose(result, Number.NaN)).rejects.toThrow(RangeError);
    await expect(compose(result, -0)).rejects.toThrow(RangeError);
    await expect(compose(result, 0.5)).rejects.toThrow("A seed is an integer; 0.5 is not.");
  });
});
