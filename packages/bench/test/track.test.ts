import { describe, expect, it } from "vitest";
import type { PlannedRun } from "../src/request.js";
import { trackProblems } from "../src/track.js";

const identity = (name: string) => ({ name, package: `@everlearn/${name}`, version: "0.1.0" });

/** What is planned of an ER on rotations. */
function planned(name: string, changes: object = {}, more: Partial<PlannedRun> = {}): PlannedRun {
  return {
    spec: {
      name,
      dataset: { use: "glyphs", train: 100 },
      stream: { use: "rotated", tasks: 2 },
      scenario: { use: "domain-il", taskLabels: "never" },
      network: { use: "mlp", hidden: [8] },
      learner: { use: "er", alpha: 0.1 },
      batchSize: 1,
      protocol: { track: "closed" },
      ...changes,
    },
    specId: name,
    where: `suite.json: /runs/${name}: `,
    checksum: "sum",
    examples: 10,
    plugins: {
      dataset: identity("dataset-glyphs"),
      stream: identity("stream-rotated"),
      scenario: identity("scenario-domain-il"),
      network: identity("network-mlp"),
      learner: identity("learner-er"),
    },
    ...more,
  } as unknown as PlannedRun;
}

describe("a closed track", () => {
  const a = planned("a");

  it.each<[string, object, Partial<PlannedRun>?]>([
    ["data set", { dataset: { use: "glyphs", train: 101 } }],
    ["data set", {}, { checksum: "other" }],
    ["stream", { stream: { use: "rotated", tasks: 3 } }],
    ["stream", { stream: { use: "rotated", tasks: 2, of: { use: "rotated" } } }],
    ["scenario", {}, { plugins: { ...a.plugins, scenario: identity("scenario-class-il") } }],
    ["network", { network: { use: "mlp", hidden: [9] } }],
    ["network", {}, { plugins: { ...a.plugins, network: { ...identity("network-mlp"), version: "0.2.0" } } }],
    ["optimizer", { optimizer: { use: "adam" } }],
    ["augmentation", { augmentation: [{ use: "horizontal-flip" }] }],
    ["batch size", { batchSize: 2 }],
  ])("has one %s", (noun, changes, more) => {
    expect(trackProblems([a, planned("b", changes, more)])).toEqual([
      `suite.json: /runs/b: b has another ${noun} than a, but the track is closed: all runs share data set, stream, scenario, network, optimizer, augmentation, batch size; give both the same, or make it "track": "open".`,
    ]);
  });

  it("leaves learner, buffer and what the scenario tells to each run", () => {
    const others = [
      { learner: { use: "mer" } },
      { buffer: { use: "ring" } },
      { scenario: { use: "domain-il", taskLabels: "training" } },
      { network: { use: "@everlearn/network-mlp", hidden: [8] } },
    ];
    expect(trackProblems([a, ...others.map((changes, i) => planned(`b${i}`, changes))])).toEqual([]);
  });

  it("is closed within a setting, and says which", () => {
    const run = (name: string, batchSize: number, ...settings: string[]) => planned(name, { batchSize, settings });
    expect(trackProblems([run("a", 1, "x"), run("b", 2, "y"), run("c", 2, "y"), run("d", 1, "x")])).toEqual([]);
    const problems = trackProblems([run("a", 1, "x"), run("b", 2, "y"), run("c", 1, "x", "y")]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(
      'c has another batch size than b, but the track is closed: all runs in the setting "y"',
    );
  });

  it("is none where the suite does not say so", () => {
    for (const protocol of [undefined, {}, { track: "open" }]) {
      const differing = [planned("a", { protocol }), planned("b", { protocol, batchSize: 2 })];
      expect(trackProblems(differing)).toEqual([]);
    }
  });
});
