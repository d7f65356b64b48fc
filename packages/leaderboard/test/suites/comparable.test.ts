import type { Protocol, Receipt } from "@everlearn/records";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csv, latex, markdown, site, standings, type SuiteDefinition } from "../../src/index.js";
import { definition, honest, plugins, seeds, strange } from "./definition.js";

type Change = Parameters<typeof strange>[0];

const honestly = seeds.map((seed) => honest(seed));
const only = (receipts: readonly Receipt[], suite: SuiteDefinition = definition()) =>
  standings(receipts, { suites: [suite] })[0].settings[0];
const part =
  (kind: "dataset" | "stream" | "scenario" | "network" | "optimizer", options: object): Change =>
  (spec) => ({
    spec: { ...spec, [kind]: { ...(spec[kind] as object | undefined), ...options } },
  });
const from =
  (kind: string, change: object): Change =>
  () => ({
    plugins: { ...plugins, [kind]: { ...plugins[kind], ...change } },
  });

const forgeries: readonly (readonly [what: string, change: Change, reason: RegExp])[] = [
  ["another data set's package", from("dataset", { package: "mine", name: "mnist" }), /Another data set: .*mine/],
  ["fewer examples", part("dataset", { train: 10 }), /Another data set: train is 10, which the setting does not state/],
  ["another checksum", () => ({ checksum: "0".repeat(64) }), /Another data set: its checksum is 000000000000, not/],
  ["no checksum", () => ({ checksum: undefined }), /its checksum is not stated/],
  ["one task", part("stream", { tasks: 1 }), /Another stream: tasks is 1, not 10/],
  ["an option left out", (spec) => ({ spec: { ...spec, stream: { use: "rotated" } } }), /tasks is not stated, not 10/],
  ["another stream's package", from("stream", { package: "./mine.mjs" }), /Another stream: .*mine/],
  [
    "a stream within one",
    part("stream", { of: { use: "split" } }),
    /Another stream: it is split, not none|of another one/,
  ],
  [
    "another scenario",
    from("scenario", { package: "@everlearn/scenario-task-il", name: "task-il" }),
    /Another scenario/,
  ],
  ["task labels", part("scenario", { taskLabels: "training" }), /Another scenario: taskLabels is "training"/],
  ["a larger network", part("network", { hidden: [4000] }), /Another network: hidden is \[4000\], not \[100,100\]/],
  ["another network", from("network", { package: "mine" }), /Another network/],
  [
    "an optimizer",
    (spec) => ({ spec: { ...spec, optimizer: { use: "adam" } } }),
    /Another optimizer: it is adam, not none/,
  ],
  ["another batch size", (spec) => ({ spec: { ...spec, batchSize: 64 } }), /Another batch size: it is 64, not 1/],
  [
    "another memory",
    (spec) => ({ spec: { ...spec, buffer: { use: "reservoir", capacity: 5120 } } }),
    /Another memory: .* 5120 examples, not 200/,
  ],
  [
    "a memory without a size",
    (spec) => ({ spec: { ...spec, buffer: { use: "reservoir" } } }),
    /Another memory: its buffer does not say/,
  ],
  [
    "another evaluation",
    (spec) => ({ spec: { ...spec, evaluation: { tasks: "all", every: 0, examples: 5 } } }),
    /Another evaluation/,
  ],
];

describe("rows of a setting that its suite's file states", () => {
  it("are ranked where they share its conditions, whatever the learner", () => {
    const mine = strange(() => ({
      plugins: { ...plugins, learner: { name: "mine", package: "mine", version: "1.0.0" } },
    }));
    const { rows, apart } = only([...honestly, ...mine]);
    expect(apart).toEqual([]);
    expect(rows.map(({ rank }) => rank)).not.toContain(null);
  });

  it.each(forgeries)("are set apart with %s", (_, change, reason) => {
    const { rows, apart } = only([...strange(change), ...honestly]);
    expect(rows.map(({ run }) => run.name)).toEqual(["er-rotations-200"]);
    expect(apart.map(({ run }) => run.name)).toEqual(["strange"]);
    expect(apart[0].rank).toBeNull();
    expect(apart[0].reasons.join(" ")).toMatch(reason);
  });

  it("are set apart however many strangers agree, and change nothing of the others", () => {
    const alone = only(honestly);
    const theirs: Protocol = { suite: "rotations", title: "Mine", track: "open", minimumEffect: 1 };
    const change = fc.constantFrom(...forgeries.map(([, change]) => change));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat({ max: 40 }), (changes, first) => {
        const strangers = changes.flatMap((one, i) =>
          strange(one, seeds).map((receipt) => ({
            ...receipt,
            name: `strange-${first + i}`,
            spec: {
              ...receipt.spec,
              protocol: theirs,
            },
          })),
        );
        const [suite, ...more] = standings([...strangers, ...honestly], { suites: [definition()] });
        expect(more).toEqual([]);
        expect(suite).toMatchObject({ title: "Rotated digits", description: "The organiser's words.", defined: true });
        expect(suite.protocol).toEqual(definition().protocol);
        expect(suite.settings[0].rows).toEqual(alone.rows);
        expect(suite.settings[0].apart).toHaveLength(changes.length);
        for (const { notes } of suite.settings[0].apart)
          expect(notes[0]).toContain("another title, track, minimumEffect, tuning");
      }),
      { numRuns: 50 },
    );
  });

  it("are not touched by a stranger who takes a run's name, its spec's hash or its settings' names", () => {
    const thief = (change: (receipt: Receipt) => Receipt) => seeds.map((seed) => change(honest(seed + 20)));
    const relabelled = thief((one) => ({
      ...one,
      spec: { ...one.spec, label: "!", settings: ["mine", "rotations-200"] },
    }));
    const [{ settings }] = standings([...relabelled, ...honestly], { suites: [definition()] });
    expect(settings.map(({ name, rows, apart }) => [name, rows.length, apart.length])).toEqual([
      ["rotations-200", 1, 1],
      ["no setting of the suite", 0, 1],
    ]);
    expect(settings[0].rows[0]).toMatchObject({ label: "ER", n: 10, rank: 1 });
    expect(settings[0].apart[0].reasons).toEqual(["Other seeds: it ran on 20–29, not on 0–9."]);
    expect(settings[1].apart[0].reasons).toEqual(['The suite does not have "mine".']);
  });

  it("count on the suite's seeds only, and are no more than a preview where one is missing", () => {
    const chosen = strange(
      (_, one) => ({ metrics: { ...one.metrics, retainedAccuracy: 0.99 } }),
      [0, 1, 2, 50, 51, 52, 53, 54, 55, 56],
    );
    const { rows } = only([...honestly, ...chosen]);
    const row = rows.find(({ run }) => run.name === "strange");
    expect(row).toMatchObject({ rank: null, n: 3, notes: ["7 of its cells ran on other seeds and do not count."] });
  });

  it("are free in network, optimizer and batch size where the track is open", () => {
    const open = definition({ protocol: { ...definition().protocol, track: "open" } });
    for (const [what, change] of forgeries) {
      const free = /network|optimizer|batch/.test(what);
      const { apart } = only([...honestly, ...strange(change)], open);
      expect(apart, what).toHaveLength(free ? 0 : 1);
    }
  });

  it("may differ as far as the suite lets the same learner", () => {
    const { spec, checksum = null } = honest(0);
    const scenario = { use: "task-il" };
    const taskIl = { name: "task-il", package: "@everlearn/scenario-task-il", version: "0.1.0" };
    const own = { ...plugins, scenario: taskIl, learner: { name: "independent", package: "i", version: "1.0.0" } };
    const granted = {
      spec: { ...spec, scenario, learner: { use: "independent" }, seeds },
      plugins: own,
      defaults: {},
      checksum,
      points: null,
    };
    const suite = definition();
    const more = { ...suite, runs: [suite.runs[0], suite.runs[0], granted] };
    const having =
      (learner: object): Change =>
      (spec) => ({ spec: { ...spec, scenario }, plugins: { ...own, ...learner } });
    expect(only([...honestly, ...strange(having({}))], more).apart).toEqual([]);
    expect(only([...honestly, ...strange(having({ learner: plugins.learner }))], more).apart[0].reasons[0]).toMatch(
      /Another scenario/,
    );
  });

  it.each([
    ["gradientsPerExample", 5, /Over the budget: seed 0 used 11 of 5 gradients an example/],
    ["bytes", 1000, /Over the budget: seed 0 used 518,440 of 1,000 bytes/],
    ["seconds", 1, /Over the budget: seed 0 used 22 s of 1 s of work/],
  ] as const)("are set apart over the suite's %s, also where they do not say", (limit, most, reason) => {
    const suite = definition({ protocol: { ...definition().protocol, budget: { [limit]: most } } });
    expect(only(honestly, suite).apart[0].reasons[0]).toMatch(reason);
    const own =
      (budget: object): Change =>
      (spec) => ({
        status: "over-budget",
        spec: { ...spec, protocol: { ...spec.protocol, budget } },
      });
    expect(only(strange(own({ [limit]: most })), suite).apart).toEqual([]); // it ended there, at chance
    expect(only(strange(own({ [limit]: 10 * most })), suite).apart).toHaveLength(1);
    const silent = strange((_, { gradients: _g, bytes: _b, ...rest }) => ({
      ...rest,
      gradients: undefined,
      bytes: undefined,
    }));
    if (limit !== "seconds") expect(only(silent, suite).apart[0].reasons[0]).toMatch(/does not say what it used/);
  });

  it("need not state options that their plugin did not have then, but those that the suite writes", () => {
    const stream = { ...honest(0).spec.stream, smooth: true };
    const spec = { ...honest(0).spec, stream, seeds };
    const later = definition({}, { spec, defaults: { stream: ["smooth"] } });
    expect(only(honestly, later).apart).toEqual([]);
    expect(only(honestly, definition({}, { spec })).apart[0].reasons).toEqual([
      "Another stream: smooth is not stated, not true.",
    ]);
  });

  it("are told apart in pages and tables", () => {
    const receipts = [...honestly, ...strange(part("stream", { tasks: 1 }))];
    const suites = standings(receipts, { suites: [definition()] });
    const sentence = "Another stream: tasks is 1, not 10.";
    for (const table of [markdown(suites), latex(suites), csv(suites)]) expect(table).toContain(sentence);
    expect(csv(suites)).toMatch(/,suite,set apart,,/);
    expect(markdown(suites)).toContain("### Set apart: not comparable with the rows above");
    for (const { path, content } of site(receipts, { suites: [definition()] }))
      if (/^(index|settings.*|runs\/strange)\.html$/.test(path)) expect(content, path).toContain(sentence);
  });
});

describe("rows of a suite whose file is not given", () => {
  it("are judged by what most receipts agree on, which pages and tables say", () => {
    for (const [, change, reason] of forgeries) {
      const receipts = [...honestly, ...strange(change, seeds.slice(1))];
      const [suite] = standings(receipts);
      if (!/memory/i.test(String(reason)) && !/taskLabels/.test(String(reason))) {
        expect(
          suite.settings[0].rows.map(({ run }) => run.name),
          String(reason),
        ).toEqual(["er-rotations-200"]);
        expect(suite.settings[0].apart[0].reasons.join(" ")).toMatch(reason);
      }
      expect(suite.defined).toBe(false);
      expect(markdown([suite])).toContain("by the receipts' own word");
      expect([...site(receipts)][0].content).toContain("by the receipts&apos; own word");
    }
  });
});
