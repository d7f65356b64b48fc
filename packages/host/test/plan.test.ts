import { SpecError } from "@everlearn/contracts";
import { runsOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { tree } from "../../records/test/folder.js";
import { plan } from "../src/index.js";
import { type Fake, fake, fakes } from "./fakes.js";
import { happened, mer, planned, quick, refusal, run } from "./quick.js";

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
      evaluation: { tasks: "all", every: 0, examples: 0 },
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

  it("says so of every link of a stream, and of the optimizer", async () => {
    const { spec, plugins } = await planned({
      stream: { use: "iid", of: { use: "blurry", fraction: 0.5, of: { use: "plain", tasks: 3 } } },
      optimizer: { use: "adam" },
      evaluation: { every: 10 },
    });
    expect(spec).toMatchObject({
      stream: { use: "iid", fraction: 0, of: { use: "blurry", fraction: 0.5, of: { use: "plain", tasks: 3 } } },
      optimizer: { use: "adam", epsilon: 1e-8 },
      evaluation: { tasks: "all", every: 10, examples: 0 },
    });
    expect(plugins["stream/of/of"]).toEqual({ name: "plain", package: "@fake/stream-plain", version: "1.0.0" });
    expect(Object.keys(plugins).sort()).toEqual(
      "buffer dataset learner network optimizer scenario stream stream/of stream/of/of".split(" "),
    );
    const again = await planned(spec);
    expect(again.spec).toEqual(spec);
  });

  it("names the link of a stream in which a mistake is", async () => {
    const stream = {
      use: "blurry",
      fraction: 2,
      of: { use: "iid", of: { use: "plain", task: 3, of: { use: "plane" } } },
    };
    expect(await refusal({ runs: [{ name: "quick", stream }] })).toBe(
      [
        "quick.json: /runs/0/stream/fraction must be ≥ 0 and ≤ 1, but is 2.",
        'quick.json: /runs/0/stream/of/of has no option "task"; did you mean "tasks"? Its options: tasks.',
        'quick.json: /runs/0/stream/of/of/of/use: There is no stream "plane"; did you mean "plain"? Installed streams: blurry, iid, plain.',
      ].join("\n"),
    );
  });

  it('takes an "of" for a part of the same kind, whatever the kind', async () => {
    expect(await refusal({ learner: { ...mer, of: { use: "online" } } })).toBe(
      'quick.json: learner "mer" is not made of another learner, but has one in "of"; take "of" away, or use a learner that is.',
    );
    expect(await refusal({ buffer: { use: "reservoir", capacity: 5, of: { use: "online" } } })).toBe(
      'quick.json: /buffer/of/use: "online" is a learner, not a buffer. Installed buffers: reservoir.',
    );
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
      "task labels at test that it cannot give",
      { learner: { use: "independent" }, buffer: null, scenario: { use: "class-il", taskLabels: "training" } },
      'learner "independent" needs task labels at test, which scenario "class-il" does not grant; use "task-il".',
    ],
    [
      "a task's end that the stream does not know",
      {
        learner: { use: "ewc", named: true },
        buffer: null,
        scenario: { use: "task-il" },
        stream: { use: "iid", of: { use: "plain" } },
      },
      'learner "ewc" needs to be told where a task ends, which stream "iid" cannot say; use a stream with task boundaries, such as "rotated".',
    ],
    [
      "a task's end that the scenario does not tell",
      { learner: { use: "ewc" }, buffer: null, scenario: { use: "class-il", boundaries: false } },
      'learner "ewc" needs to be told where a task ends, which scenario "class-il" does not grant; give it the option "boundaries": true.',
    ],
    [
      "task labels where the scenario tells of a task's end",
      { learner: { use: "ewc", named: true }, buffer: null },
      'learner "ewc" needs task labels during training, which scenario "domain-il" does not grant; use "task-il".',
    ],
    [
      "rows of the current task where there is none",
      { evaluation: { tasks: "current-and-next" }, stream: { use: "iid", of: { use: "plain" } } },
      'an evaluation of "current-and-next" tasks needs to know the current one, which stream "iid" cannot say; use "all", or a stream with task boundaries, such as "rotated".',
    ],
    [
      "a stream made of nothing",
      { stream: { use: "iid", of: { use: "blurry" } } },
      'stream "blurry" is made of another stream, but the run names none; add one, such as "of": {"use": "rotated"}.',
    ],
    [
      "a stream for one that needs none",
      { stream: { use: "plain", of: { use: "plain" } } },
      'stream "plain" is not made of another stream, but has one in "of"; take "of" away, or use a stream that is.',
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

  it.each<[Fake["kind"], string, object]>([
    ["learner", "gradients", { learner: { use: "odd" }, buffer: null }],
    ["buffer", "boundaries", { buffer: { use: "odd" } }],
    ["stream", "taskLabels", { stream: { use: "odd" } }],
    ["scenario", "buffer", { scenario: { use: "odd" } }],
    ["optimizer", "boundaries", { optimizer: { use: "odd" } }],
    ["metric", "testTaskLabels", { metrics: [{ use: "odd" }] }],
  ])("refuses what no %s is granted: %s", async (kind, need, changes) => {
    const odd: Fake = { kind, name: "odd", body: `options: {}, needs: ["${need}"], create: () => ({})` };
    expect(await refusal(changes, [odd])).toBe(`quick.json: ${kind} "odd" needs "${need}", which no run can grant it.`);
  });

  it.each([
    ["of a class of their own", "new (class Oops extends Error {})('oops')", /^oops$/],
    ["in their own name", "new Error('learner-bad found no file.')", /^learner-bad found no file\.$/],
  ])("lets plugins' errors through that are %s", async (_, error, says) => {
    const bad: Fake = { kind: "learner", name: "bad", body: `options: {}, create() { throw ${error}; }` };
    const root = tree({ ...fakes(), ...fake(bad) });
    await expect(planned({ learner: { use: "bad" }, buffer: null }, root)).rejects.toThrow(says);
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

  it("grants task labels at test, and the ends of tasks, where scenario and stream give them", async () => {
    const independent = { learner: { use: "independent" }, buffer: null, scenario: { use: "task-il" } };
    expect((await planned(independent)).plugins.learner.name).toBe("independent");
    for (const scenario of [{ use: "task-il" }, { use: "class-il", taskLabels: "training" }]) {
      const stream = { use: "blurry", of: { use: "iid", of: { use: "plain" } } };
      const ewc = { learner: { use: "ewc", named: true }, buffer: null, scenario, stream };
      expect((await planned({ ...ewc, evaluation: { tasks: "current-and-next" } })).plugins.learner.name).toBe("ewc");
    }
  });

  it("lets go of what the rehearsal made, and makes no tracker for it", async () => {
    await planned({ trackers: [{ use: "memory" }] });
    expect(happened.filter((line) => line.startsWith("make"))).toHaveLength(5);
    expect(happened.filter((line) => line.startsWith("dispose"))).toHaveLength(4); // not the dataset
  });
});
