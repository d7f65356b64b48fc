import { join } from "node:path";
import { SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { parseJson, readSpecs, runsOf } from "../src/index.js";
import { tree } from "./folder.js";

const minimal = { name: "quick", stream: { use: "rotated" }, learner: { use: "online", alpha: 0.1 } };

/** What the reader says of a file, its folder left out. */
async function complaint(content: string | Uint8Array): Promise<string> {
  const file = join(tree({ "quick.json": content }), "quick.json");
  const error: unknown = await readSpecs(file).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message.replaceAll(file, "quick.json");
}

const said = (document: unknown): string => {
  try {
    runsOf(document, "quick.json");
  } catch (error) {
    if (error instanceof SpecError) return error.message;
  }
  throw new Error("It was accepted.");
};

describe("readSpecs", () => {
  it("reads a single run and fills in what it leaves out", async () => {
    const file = join(tree({ "quick.json": `\ufeff${JSON.stringify({ $schema: "x", ...minimal })}` }), "quick.json");
    expect(await readSpecs(file)).toEqual([
      {
        ...minimal,
        dataset: { use: "glyphs" },
        scenario: { use: "domain-il" },
        batchSize: 1,
        evaluation: { tasks: "all", every: 0, examples: 0 },
        metrics: [],
        trackers: [],
        seeds: [0],
        source: { file, run: "", own: ["name", "stream", "learner"] },
      },
    ]);
  });

  it("lets a suite's runs replace shared fields, whole, and take the buffer away", () => {
    const buffer = { use: "reservoir", capacity: 200 };
    const runs = [
      { name: "a", learner: { use: "mer" } },
      { name: "b", buffer: null, seeds: [7] },
    ];
    const [a, b] = runsOf({ ...minimal, description: "Both.", buffer, seeds: [1, 2], runs }, "s.json");
    expect(a).toMatchObject({ name: "a", learner: { use: "mer" }, buffer, seeds: [1, 2], description: "Both." });
    expect(a.learner).toEqual({ use: "mer" });
    expect(a.source).toEqual({ file: "s.json", run: "/runs/0", own: ["name", "learner"] });
    expect(b).toMatchObject({ name: "b", learner: minimal.learner, seeds: [7] });
    expect(b).not.toHaveProperty("buffer");
  });

  it("reads streams of streams, an optimizer that a run takes away, and the half of an evaluation", () => {
    const stream = { use: "repeated", of: { use: "blurry", fraction: 0.1, of: { use: "rotated", tasks: 5 } } };
    const optimizer = { use: "adam", beta1: 0.8 };
    const runs = [{ name: "a" }, { name: "b", optimizer: null, evaluation: { every: 100, examples: 50 } }];
    const evaluation = { tasks: "current-and-next", every: 7 };
    const [a, b] = runsOf({ ...minimal, stream, optimizer, evaluation, runs }, "s.json");
    expect(a).toMatchObject({ stream, optimizer, evaluation: { tasks: "current-and-next", every: 7, examples: 0 } });
    expect(b.evaluation).toEqual({ tasks: "all", every: 100, examples: 50 });
    const confused = (confusion: boolean) => runsOf({ ...minimal, evaluation: { confusion } }, "s.json")[0].evaluation;
    expect(confused(true)).toEqual({ tasks: "all", every: 0, examples: 0, confusion: true });
    expect(runsOf({ ...minimal, evaluation: { probe: 5 } }, "s.json")[0].evaluation).toMatchObject({ probe: 5 });
    expect(runsOf({ ...minimal, evaluation: { probe: 0 } }, "s.json")[0].evaluation).not.toHaveProperty("probe");
    expect(confused(false)).toEqual({ tasks: "all", every: 0, examples: 0 });
    expect(b).not.toHaveProperty("optimizer");
  });

  it.each<[string, unknown, string]>([
    ["a list", [], "quick.json: the spec must be an object, but is []."],
    [
      "no learner",
      { name: "a", stream: { use: "x" } },
      'quick.json: the spec lacks "learner", an object such as {"use": "name"} with the options beside it.',
    ],
    ["no use", { ...minimal, learner: {} }, 'quick.json: /learner lacks "use", the name, package or path of a plugin.'],
    [
      "an unknown field",
      { ...minimal, lerner: 1 },
      'quick.json: the spec has no field "lerner"; did you mean "learner"? Its fields: $schema, augmentation, batchSize, buffer, dataset, description, evaluation, label, learner, metrics, name, network, optimizer, protocol, scenario, seeds, settings, stream, trackers.',
    ],
    [
      "a name that is no folder's",
      { ...minimal, name: ".." },
      'quick.json: /name must be 1 to 64 of the characters a-z, 0-9, ".", "_" and "-", no "." at the end, and no name that everlearn or Windows keeps for itself, such as "tuning", "canary-1", "result.json" or "con", but is "..".',
    ],
    [
      "a stream of no stream",
      { ...minimal, stream: { use: "blurry", of: { use: "blurry", of: "rotated" } } },
      'quick.json: /stream/of/of must be an object such as {"use": "name"} with the options beside it, but is "rotated".',
    ],
    [
      "a stream of nothing",
      { ...minimal, stream: { use: "blurry", of: { tasks: 3 } } },
      'quick.json: /stream/of lacks "use", the name, package or path of a plugin.',
    ],
    [
      "an evaluation of other tasks",
      { ...minimal, evaluation: { tasks: "some" } },
      'quick.json: /evaluation/tasks must be one of "all", "current-and-next", "seen", "none", but is "some".',
    ],
    [
      "half an example",
      { ...minimal, evaluation: { every: 0.5, examples: -1 } },
      "quick.json: /evaluation/every must be an integer ≥ 0, but is 0.5.\nquick.json: /evaluation/examples must be ≥ 0, but is -1.",
    ],
    [
      "another word for glances",
      { ...minimal, evaluation: { evry: 3 } },
      'quick.json: /evaluation has no field "evry"; did you mean "every"? Its fields: confusion, every, examples, prequential, probe, tasks.',
    ],
    [
      "no evaluation",
      { ...minimal, evaluation: "all" },
      'quick.json: /evaluation must be an object such as {"tasks": "all", "every": 100, "examples": 50}, but is "all".',
    ],
    ["a batch of nothing", { ...minimal, batchSize: 0 }, "quick.json: /batchSize must be ≥ 1, but is 0."],
    ["half a batch", { ...minimal, batchSize: 0.5 }, "quick.json: /batchSize must be an integer ≥ 1, but is 0.5."],
    ["a seed twice", { ...minimal, seeds: [1, 1] }, "quick.json: /seeds must not hold a value twice, but is [1,1]."],
    ["no seeds", { ...minimal, seeds: [] }, "quick.json: /seeds must not be empty."],
    [
      "a word for seeds",
      { ...minimal, seeds: "1" },
      'quick.json: /seeds must be a list of integers ≥ 0 and ≤ 9007199254740991, but is "1".',
    ],
    ["no runs", { ...minimal, runs: [] }, "quick.json: /runs must not be empty."],
    [
      "a run without a learner",
      { stream: { use: "x" }, runs: [{ name: "a" }] },
      'quick.json: /runs/0 lacks "learner", an object such as {"use": "name"} with the options beside it.',
    ],
    [
      "a name twice",
      { ...minimal, runs: [{ name: "a" }, { name: "b" }, { name: "a" }] },
      'quick.json: /runs/2/name must be unique, but /runs/0 is called "a" too.',
    ],
    [
      "two mistakes",
      { ...minimal, runs: [{ name: "A", batchSize: "a".repeat(99) }] },
      'quick.json: /runs/0/name must be 1 to 64 of the characters a-z, 0-9, ".", "_" and "-", no "." at the end, and no name that everlearn or Windows keeps for itself, such as "tuning", "canary-1", "result.json" or "con", but is "A".\n' +
        `quick.json: /runs/0/batchSize must be an integer ≥ 1, but is "${"a".repeat(59)}….`,
    ],
  ])("refuses %s", (_, document, sentence) => {
    expect(said(document)).toBe(sentence);
  });

  it("refuses names that no folder of a run can have, of whole runs, of runs of suites, and as rows and columns make them", () => {
    const all = [
      ...[
        "lock.1.2.otherhost",
        "journal",
        "node_modules",
        "con",
        "nul",
        "aux",
        "prn",
        "com1",
        "lpt9",
        "con.txt",
        "nul.a.b",
      ],
      ...[".", "..", "a.", "tuning", "canary-1000000", "seed-0", "sync", "result.json", "checks.json", "journal.jsonl"],
      ...[
        "checkpoint.bin",
        "weights.npy",
        "accuracy.svg",
        "result.json.part",
        "a~b",
        "A",
        "a b",
        "",
        "é",
        "a".repeat(65),
      ],
    ];
    for (const name of all) {
      expect(said({ ...minimal, name })).toMatch(/^quick\.json: \/name must be 1 to 64 of .+, but is "/);
      expect(said({ ...minimal, runs: [{ name }] })).toMatch(
        /^quick\.json: \/runs\/0\/name must be 1 to 64 of .+, but is "/,
      );
    }
    const grid = { ...minimal, learners: [{ name: "canary" }], in: [{ name: "7" }] };
    expect(said(grid)).toMatch(/^quick\.json: \/learners\/0 makes the run "canary-7", which is no name of a run: /);
    for (const name of [
      "a",
      ".a",
      "a.b",
      "console",
      "com",
      "com10",
      "nula",
      "tuning-2",
      "canary",
      "canary-a",
      "json",
      "x.json5",
    ])
      expect(runsOf({ ...minimal, name }, "quick.json")[0].name).toBe(name);
  });

  it.each<[string, string, string]>([
    ["an empty file", "", "1:1: expected a value, but the file ends"],
    ["a file that ends early", '{"a": [1,\n 2', '2:3: expected "," or "]", but the file ends'],
    ["a comma too many", '{\n  "a": 1,\n}', "3:1: expected a key in double quotes, but found }"],
    ["a comma too few", '{"a": 1 "b": 2}', '1:9: expected "," or "}", but found "b"'],
    ["a key without a value", '{"a"}', '1:5: expected ":", but found }'],
    ["a list with a hole", "[1,,2]", "1:4: expected a value, but found ,"],
    ["a comment", '{\n// why\n"a": 1}', '2:1: "/" is not valid JSON here'],
    ["a broken string", '{"a": "b\n"}', "1:7: this string is not valid JSON"],
    ["a leading zero", "[01]", '1:3: expected "," or "]", but found 1'],
    ["two values", "{} {}", "1:4: expected the end of the file, but found {"],
    ["a key twice", '{"a": 1,\r\n "a": 2}', '2:2: the key "a" stands here twice'],
    ["a prototype", '{"a": {"__proto__": {}}}', '1:8: the key "__proto__" is not allowed'],
    ["an escaped prototype", '{"\\u005f_proto__": {}}', '1:2: the key "\\u005f_proto__" is not allowed'],
    ["a constructor", '{"constructor": 1}', '1:2: the key "constructor" is not allowed'],
    ["infinity", "[1e999]", "1:2: 1e999 is too large a number"],
    ["minus zero", "[-0.0]", "1:2: write 0, not -0"],
    ["a deep file", "[".repeat(65), "1:65: more than 64 levels deep"],
  ])("refuses %s, and says where", async (_, text, sentence) => {
    expect(await complaint(text)).toBe(`quick.json:${sentence}.`);
  });

  it("reads what JSON.parse reads", () => {
    const text = ' {"a":[1,-2.5e-3,0,1E2,true,false,null,"\\u00e9\\n\\"ü😀"],"b":{},"c":[ ]}\n';
    expect(parseJson(text, "f")).toEqual(JSON.parse(text));
    const deep = "[".repeat(64) + "]".repeat(64);
    expect(JSON.stringify(parseJson(deep, "f"))).toBe(deep);
    expect(parseJson(`"${"\\\\".repeat(500_000)}"`, "f")).toHaveLength(500_000);
  });

  it("refuses files that it cannot or should not read", async () => {
    const root = tree();
    await expect(readSpecs(join(root, "no.json"))).rejects.toThrow(`${join(root, "no.json")} does not exist.`);
    await expect(readSpecs(root)).rejects.toThrow(`${root} is a folder, not a file.`);
    await expect(readSpecs("a\0b")).rejects.toThrow(
      "a\\u0000b cannot be read: the path has a character in it that no path may have, NUL.",
    );
    await expect(readSpecs("/dev/zero")).rejects.toThrow("/dev/zero is not a regular file; write the spec into one.");
    expect(await complaint(" ".repeat(1024 * 1024 + 1))).toBe(
      "quick.json is larger than 1 MiB, the most that a spec may have.",
    );
    expect(await complaint(Uint8Array.of(0xff, 0xfe))).toBe("quick.json is not UTF-8 text.");
  });
});
