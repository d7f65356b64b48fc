import { SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { type RunSpec, runsOf } from "../src/index.js";

const shared = { name: "suite", stream: { use: "rotated" }, seeds: [0, 1] };
const runs = [
  { name: "mer", learner: { use: "mer" } },
  { name: "er", learner: { use: "er" } },
];

const read = (document: object): RunSpec[] => runsOf(document, "s.json");
const problems = (document: object): readonly string[] => {
  try {
    read(document);
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
  }
  throw new Error("It was accepted.");
};

describe("a grid", () => {
  const learners = [
    { name: "mer", label: "MER", learner: { use: "mer" }, buffer: { use: "reservoir", capacity: 5 } },
    { name: "online", learner: { use: "online" }, batchSize: 2 },
  ];
  const settings = [
    { name: "rotations", stream: { use: "rotated" } },
    { name: "permutations", stream: { use: "permuted" }, batchSize: 3 },
  ];
  const { stream: _, ...rest } = shared;

  it("is every learner in every setting; what a learner says comes first", () => {
    const all = read({ ...rest, learners, in: settings });
    expect(all.map(({ name, label, settings }) => [name, label, settings])).toEqual([
      ["mer-rotations", "MER", ["rotations"]],
      ["online-rotations", "online", ["rotations"]],
      ["mer-permutations", "MER", ["permutations"]],
      ["online-permutations", "online", ["permutations"]],
    ]);
    expect(all.map(({ batchSize }) => batchSize)).toEqual([1, 2, 3, 2]);
    expect(all[2]).toMatchObject({ stream: { use: "permuted" }, learner: { use: "mer" }, buffer: { capacity: 5 } });
    expect(all.every(({ seeds, protocol }) => seeds.length === 2 && protocol?.suite === "suite")).toBe(true);
  });

  it("is refused where a run's name would be none, or no learner is left", () => {
    const long = "l".repeat(64);
    expect(problems({ ...rest, learners: [{ ...learners[0], name: long }], in: settings })).toEqual([
      `s.json: /learners/0 makes the run "${long}-rotations", whose name is longer than 64 characters; shorten it or its setting's.`,
      `s.json: /learners/0 makes the run "${long}-permutations", whose name is longer than 64 characters; shorten it or its setting's.`,
    ]);
    expect(problems({ ...rest, learners: [{ name: "mer" }], in: [settings[0]] })).toEqual([
      expect.stringMatching(/^s\.json: \/learners\/0 lacks "learner"/),
    ]);
    expect(problems({ ...rest, learners: [learners[0], learners[0]], in: [settings[0]] })).toEqual([
      expect.stringMatching(/must be unique/),
    ]);
  });
});

describe("a suite's protocol", () => {
  it("goes to each run, with the suite's name", () => {
    const protocol = { track: "closed", minimumEffect: 0.01, budget: { seconds: 60, memory: 1e9 } };
    for (const run of read({ ...shared, runs, protocol }))
      expect(run.protocol).toEqual({ suite: "suite", ...protocol });
    expect(read({ ...shared, runs })[0].protocol).toEqual({ suite: "suite" });
    const { name: _, ...nameless } = shared;
    expect(read({ ...nameless, runs })[0]).not.toHaveProperty("protocol");
  });

  it.each<[string, object, string]>([
    ["a track of its own", { track: "fast" }, '/protocol/track must be one of "closed", "open", but is "fast".'],
    ["an effect beyond 1", { minimumEffect: 5 }, "/protocol/minimumEffect must be ≥ 0 and ≤ 1, but is 5."],
    ["no budget", { budget: { bytes: 0 } }, "/protocol/budget/bytes must be ≥ 1, but is 0."],
    ["half a budget", { budget: { memory: 1.5 } }, "/protocol/budget/memory must be an integer ≥ 1, but is 1.5."],
    [
      "an unknown rule",
      { effect: 1 },
      '/protocol has no field "effect". Its fields: budget, checksum, minimumEffect, suite, title, track, tuning.',
    ],
    [
      "a source left out",
      { tuning: { protocol: "published" } },
      '/protocol/tuning lacks "source"; with "protocol": "published" goes "source".',
    ],
    [
      "a search for nothing",
      { tuning: { protocol: "none", trials: 3 } },
      '/protocol/tuning has "trials"; with "protocol": "none" goes nothing else.',
    ],
    [
      "half a search",
      { tuning: { protocol: "search", trials: 3, source: "x" } },
      '/protocol/tuning lacks "seeds" and lacks "space" and has "source"; with "protocol": "search" goes "trials", "seeds", "space".',
    ],
    [
      "seeds that are official",
      { tuning: { protocol: "search", trials: 3, seeds: [5, 1], space: { mer: { "learner/alpha": [1] } } } },
      "/protocol/tuning/seeds must not contain official seeds, but has 1: options chosen on them would flatter.",
    ],
    [
      "a run to tune that is not there",
      { tuning: { protocol: "search", trials: 3, seeds: [5], space: { mr: { "learner/alpha": [1] } } } },
      '/protocol/tuning/space has no run "mr"; did you mean "er" or "mer"? Its runs: er, mer.',
    ],
    [
      "nothing to try",
      { tuning: { protocol: "search", trials: 3, seeds: [5], space: { mer: { "learner/alpha": [] } } } },
      "/protocol/tuning/space/mer/learner~1alpha must not be empty.",
    ],
  ])("refuses %s", (_, protocol, problem) => {
    expect(problems({ ...shared, runs, protocol })).toEqual([`s.json: ${problem}`]);
  });

  it("takes a search that is whole", () => {
    const tuning = { protocol: "search", trials: 3, seeds: [5], space: { mer: { "learner/alpha": [0.1, 0.2] } } };
    expect(read({ ...shared, runs, protocol: { tuning } })[0].protocol?.tuning).toEqual(tuning);
  });

  it("can be read again from what a receipt says of its run", () => {
    const [{ source: _, ...run }] = read({ ...shared, runs, protocol: { track: "open" } });
    const { suite: ___, ...written } = run;
    const [{ source: __, ...again }] = read(written);
    expect(again).toEqual(written);
  });
});
