import { existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  checkComplaint,
  checkComplaints,
  everlearn,
  folder,
  milestones,
  resultOf,
  small,
  withSpec,
} from "./everlearn.js";
import { plugins } from "../workspace.js";

const run = (cwd: string, ...more: string[]) => everlearn(["run", "spec.json", "--out", "out", ...more], { cwd });

const learners = plugins
  .flatMap(({ manifest: { everlearn } }) => (everlearn?.kind === "learner" ? [everlearn.name] : []))
  .toSorted()
  .join(", ");

/** What is wrong in the spec, and all that the command says to it. */
const specs: Record<string, [changes: object, says: unknown]> = {
  "an unknown plugin": [
    { learner: { use: "merr", alpha: 1 } },
    `spec.json: /learner/use: There is no learner "merr"; did you mean "mer"? Installed learners: ${learners}.`,
  ],
  "a plugin of another kind": [
    { learner: { use: "reservoir", capacity: 3 } },
    `spec.json: /learner/use: "reservoir" is a buffer, not a learner. Installed learners: ${learners}.`,
  ],
  "an unknown option": [
    { learner: { use: "er", alpha: 0.1, k: 3, clipp: 1 } },
    'spec.json: /learner has no option "clipp"; did you mean "clip"? Its options: alpha, clip, k.',
  ],
  "an unknown field": [
    { bufer: {} },
    expect.stringMatching(/^spec\.json: the spec has no field "bufer"; did you mean "buffer"\? Its fields: .+\.$/),
  ],
  "a wrong type": [
    { learner: { use: "er", alpha: "0.1", k: 3 } },
    'spec.json: /learner/alpha must be a number > 0, but is "0.1".',
  ],
  "a number out of range": [
    { learner: { use: "er", alpha: 0, k: 3 } },
    "spec.json: /learner/alpha must be > 0, but is 0.",
  ],
  "a missing option": [{ learner: { use: "er", alpha: 0.1 } }, 'spec.json: /learner lacks "k", an integer ≥ 1.'],
  "more draws than the buffer holds": [
    { learner: { use: "er", alpha: 0.1, k: 30 } },
    'spec.json: learner "er": k = 30 asks for 29 draws, but the buffer holds at most 20; use k ≤ 21 or a larger buffer.',
  ],
  "no buffer where one is needed": [
    { buffer: null },
    'spec.json: learner "er" needs a buffer, but the run has none; add one, such as "buffer": {"use": "reservoir", "capacity": 200}.',
  ],
  "a buffer that nobody uses": [
    { learner: { use: "online", alpha: 0.1 } },
    'spec.json: learner "online" uses no buffer, but the run has "reservoir"; remove the buffer.',
  ],
  "no task labels where they are needed": [
    { buffer: { use: "ring", capacity: 20, rings: 3 } },
    'spec.json: buffer "ring" needs task labels during training, which scenario "domain-il" does not grant; use "task-il", or give "domain-il" the option "taskLabels": "training".',
  ],
  "more examples than the data set has": [
    { stream: { use: "rotated", examplesPerTask: 401 } },
    expect.stringMatching(/^spec\.json: stream "rotated": .*401.*400\.$/),
  ],
  "a name that is no folder's": [
    { name: "../up" },
    expect.stringMatching(/^spec\.json: \/name must be 1 to 64 of the characters .+ but is "\.\.\/up"\.$/),
  ],
  "a seed below zero": [
    { seeds: [0, -1] },
    expect.stringMatching(/^spec\.json: \/seeds\/1 must be ≥ 0 .*, but is -1\.$/),
  ],
};

describe.concurrent("everlearn run refuses, before anything starts,", () => {
  it.each(Object.entries(specs))("%s", async (_, [changes, says]) => {
    const cwd = withSpec(changes);
    expect(checkComplaint(await run(cwd))).toEqual(says);
    expect(existsSync(join(cwd, "out"))).toBe(false);
  });

  it("several mistakes at once, a line each", async () => {
    const cwd = withSpec({ stream: { use: "rotated", tasks: 0 }, learner: { use: "er", alpha: -1, k: 0.5 } });
    expect(checkComplaints(await run(cwd))).toEqual([
      "spec.json: /stream/tasks must be ≥ 1, but is 0.",
      "spec.json: /learner/alpha must be > 0, but is -1.",
      "spec.json: /learner/k must be an integer ≥ 1, but is 0.5.",
    ]);
  });

  it("a mistake in the last run of the last file", async () => {
    const cwd = withSpec();
    const { name: _, ...shared } = small;
    const runs = [{ name: "one" }, { name: "two", learner: { use: "er", alpha: 0.1, k: 30 } }];
    writeFileSync(join(cwd, "suite.json"), JSON.stringify({ ...shared, runs }));
    const ended = await everlearn(["run", "spec.json", "suite.json", "--out", "out"], { cwd });
    expect(checkComplaint(ended)).toMatch(/^suite\.json: \/runs\/1: learner "er": k = 30 asks for 29 draws/);
    expect(existsSync(join(cwd, "out"))).toBe(false);
  });
});

const texts: Record<string, [text: string | Uint8Array, says: string]> = {
  "that is not JSON": ['{"name": "a",}', "spec.json:1:14: expected a key in double quotes, but found }."],
  "that is empty": ["", "spec.json:1:1: expected a value, but the file ends."],
  "that is not text": [Uint8Array.of(0xff, 0xfe, 0), "spec.json is not UTF-8 text."],
  "that is too deep": ["[".repeat(100_000), "spec.json:1:65: more than 64 levels deep."],
  "that is too large": [" ".repeat(2 ** 20 + 1), "spec.json is larger than 1 MiB, the most that a spec may have."],
  "with __proto__": ['{"name": "a",\n "__proto__": {"use": 1}}', 'spec.json:2:2: the key "__proto__" is not allowed.'],
};

describe.concurrent("a spec file", () => {
  it.each(Object.entries(texts))("%s is refused", async (_, [text, says]) => {
    const cwd = folder();
    writeFileSync(join(cwd, "spec.json"), text);
    expect(checkComplaint(await run(cwd))).toBe(says);
  });

  it("that is not there, or a folder, is refused", async () => {
    const cwd = folder();
    expect(checkComplaint(await run(cwd))).toBe("spec.json does not exist.");
    mkdirSync(join(cwd, "spec.json"));
    expect(checkComplaint(await run(cwd))).toBe("spec.json is a folder, not a file.");
  });
});

const complaints: Record<string, [args: string[], says: string]> = {
  "an unknown run": [["--only", "smal"], 'There is no run "smal" in these specs; there are small.'],
  ...Object.fromEntries(
    (
      [
        ["one", "A seed is an integer from 0 to 9007199254740991"],
        ["", "A seed is an integer from 0 to 9007199254740991"],
        ["1,", "A seed is an integer from 0 to 9007199254740991"],
        ["-3", "A seed is an integer from 0 to 9007199254740991"],
        ["3-1", "A range is its first seed and its last, such as 0-9, with at most 10000 seeds in all"],
        ["1-2-3", "A range is its first seed and its last, such as 0-9, with at most 10000 seeds in all"],
        ["0-10000", "A range is its first seed and its last, such as 0-9, with at most 10000 seeds in all"],
        ["0-3,2", "A seed is given twice"],
      ] as const
    ).map(([text, says]) => [
      `"${text}" as seeds`,
      [
        [`--seeds=${text}`],
        `option '--seed, --seeds <n...>' argument '${text}' is invalid. ${says}; see everlearn --help.`,
      ],
    ]),
  ),
  "a seed twice": [
    ["--seed", "1", "2", "1"],
    "option '--seed, --seeds <n...>' argument '1' is invalid. A seed is given twice; see everlearn --help.",
  ],
  "a spec twice": [["spec.json"], 'Two runs are called "small"; their results would share a folder. Rename one.'],
  "no time between checkpoints": [
    ["--checkpoint-every", "often"],
    "option '--checkpoint-every <seconds>' argument 'often' is invalid. It must be a number of seconds ≥ 0; see everlearn --help.",
  ],
  "an unknown option": [["--sed", "1"], "unknown option '--sed' (Did you mean --seeds?); see everlearn --help."],
};

describe.concurrent("everlearn", () => {
  it.each(Object.entries(complaints))("refuses %s", async (_, [args, says]) => {
    expect(checkComplaint(await run(withSpec(), ...args))).toBe(says);
  });

  it.each([
    ["rnu", "unknown command 'rnu' (Did you mean run?); see everlearn --help."],
    ["run", "missing required argument 'spec'; see everlearn --help."],
  ])("refuses %s alone", async (command, says) => {
    expect(checkComplaint(await everlearn([command], { cwd: folder() }))).toBe(says);
  });

  it("shows with --debug where an error came from", async () => {
    const cwd = withSpec({ learner: { use: "er", alpha: 0.1, k: 30 } });
    for (const args of [
      ["--debug", "run", "spec.json"],
      ["run", "spec.json", "--debug"],
    ]) {
      const { status, stderr } = await everlearn(args, { cwd });
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^everlearn: spec\.json: learner "er": k = 30 .+\nSpecError: .+\n {4}at .+RangeError: .+\n {4}at /s,
      );
    }
  });
});

describe.concurrent("training that diverges", () => {
  const diverging = { learner: { use: "online", alpha: 1e30 }, buffer: null, network: { use: "mlp", hidden: [20] } };

  it("ends the run with its place, and keeps the journal", async () => {
    const cwd = withSpec(diverging);
    const place = join(cwd, "out/small/seed-0");
    const says =
      /^small, seed 0, task 0, example \d+: The loss became NaN: training diverged\. Use a smaller learning rate/;
    const sentence = checkComplaint(await run(cwd));
    expect(sentence).toMatch(says);
    const records = milestones(place);
    expect(records.map(({ type }) => type)).toEqual(["start", "evaluation", "failed"]);
    expect(records[2]).toMatchObject({ message: sentence });
    expect(checkComplaint(await run(cwd, "--resume"))).toBe(sentence);
    expect(milestones(place)).toEqual(records);
    expect(readdirSync(place).toSorted()).toEqual(["journal.jsonl", "result.json"]);
  });

  it("leaves the other runs alone", async () => {
    const { name: _, ...shared } = small;
    const cwd = folder();
    const runs = [{ name: "wild", ...diverging }, { name: "tame" }];
    writeFileSync(join(cwd, "spec.json"), JSON.stringify({ ...shared, runs }));
    const { status, stdout, stderr } = await run(cwd);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^tame +1 /m);
    expect(stdout).toMatch(/^wild +1 +10\.0% +10\.0% +– /m); // chance
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^everlearn: wild, seed 0, task 0, example \d+: The loss became NaN/),
      "everlearn: 1 of 2 runs did not finish: wild seed 0 (diverged).",
    ]);
    expect(resultOf(join(cwd, "out/tame/seed-0")).examples).toBe(120);
  });
});

describe.concurrent("MNIST", () => {
  const mnist = { dataset: { use: "mnist" } };
  const names = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ];

  /** A folder with four files, the first of this many bytes: its header, then zeros. */
  function withImages(length: number): string {
    const cwd = withSpec(mnist);
    mkdirSync(join(cwd, "data"));
    for (const name of names) writeFileSync(join(cwd, "data", name), "");
    const file = openSync(join(cwd, "data", names[0]), "w");
    writeSync(file, Buffer.from("000008030000ea600000001c0000001c", "hex"));
    ftruncateSync(file, length);
    return cwd;
  }

  it("that is missing is told, with what to do", async () => {
    const sentence = checkComplaint(await run(withSpec(mnist)));
    expect(sentence).toMatch(
      /dataset-mnist found no MNIST files \(it looked in .+\); run `everlearn data fetch mnist`, or /,
    );
  });

  it("of which a part is missing is told", async () => {
    const cwd = withSpec(mnist);
    writeFileSync(join(cwd, names[0]), "");
    const sentence = checkComplaint(await run(cwd, "--data", "."));
    expect(sentence).toMatch(
      /dataset-mnist found no train-labels-idx1-ubyte, no t10k-images.+ in .+; put the original files/,
    );
  });

  it("that is truncated is told", async () => {
    const cwd = withImages(1_000_000);
    const sentence = checkComplaint(await run(cwd, "--data", "data"));
    const path = join(cwd, "data", names[0]);
    expect(sentence).toContain(`dataset-mnist: ${path} is truncated: it ends after 1000000 of 47040016 bytes; run \``);
  });

  it("that was altered is told", async () => {
    const cwd = withImages(47_040_016);
    const sentence = checkComplaint(await run(cwd, "--data", "data"));
    const path = join(cwd, "data", names[0]);
    expect(sentence).toContain(`dataset-mnist: ${path} is altered: the SHA-256 of its content is `);
  });
});

describe.concurrent("runs that are to be sent", () => {
  const sync = (cwd: string, args: string[], env = {}) =>
    everlearn(["sync", ...args], { cwd, env: { MLFLOW_TRACKING_URI: "", ...env } });

  it("by a spec without trackers are told", async () => {
    expect(checkComplaint(await sync(withSpec(), ["--spec", "spec.json"]))).toBe(
      "There are no trackers in spec.json; name one with --tracker, such as mlflow.",
    );
  });

  it("and are not there are told", async () => {
    const tracked = withSpec({ trackers: [{ use: "mlflow", trackingUri: "http://127.0.0.1:9" }] });
    for (const args of [["--spec", "spec.json"], ["--tracker", "mlflow"], []]) {
      const env = args[0] === "--spec" ? {} : { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" };
      expect(checkComplaint(await sync(tracked, args, env))).toBe(
        "There are no runs in runs; name the folder that was given as --out.",
      );
    }
  });

  it("to a server that nobody names are told", async () => {
    const sentence = checkComplaint(await sync(withSpec(), []));
    expect(sentence).toMatch(/^No MLflow server is named; .+MLFLOW_TRACKING_URI/);
  });
});
