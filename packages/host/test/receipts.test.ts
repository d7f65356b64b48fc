import type { Choice } from "@everlearn/composition";
import type { Kind, OptionSchema } from "@everlearn/contracts";
import { runsOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { tree } from "../../records/test/folder.js";
import { plan } from "../src/index.js";
import { type Fake, fake } from "./fakes.js";

const mnist = "ac89dbc26b7b0b5f68ff586bc0579a0c16e78b3436b0c71ccdd0169cbebf9ff7"; // the data set's checksum
const shared = {
  dataset: { use: "mnist" },
  scenario: { use: "domain-il", taskLabels: "never" },
  network: { use: "mlp", hidden: [100, 100] },
  batchSize: 1,
  seeds: [0],
};
const rotated = { use: "rotated", tasks: 20, examplesPerTask: 1000, maxAngle: 180, testExamples: 0 };
const permuted = { use: "permuted", tasks: 20, examplesPerTask: 1000, testExamples: 0 };
const mer = { use: "mer", alpha: 0.1, beta: 0.01, gamma: 1, s: 5, k: 11, clip: 0 };

/** Runs of 2019's suite as their receipts have them, written before streams could be made of streams. */
const published: readonly [string, object, string][] = [
  [
    "online-rotations",
    { stream: rotated, learner: { use: "online", alpha: 0.0003, clip: 0 } },
    "0adc7acc86702bd695e639e8445c0fd23cd11adeb1787c547563c46427698b5a",
  ],
  [
    "mer-rotations-200",
    { stream: rotated, learner: mer, buffer: { use: "reservoir", capacity: 200, variant: "exact" } },
    "dc579474d14c2e552e78c12afa3a58c8051afd488028ef215591c95bf82bc83c",
  ],
  [
    "er-permutations-5120",
    {
      stream: permuted,
      learner: { use: "er", alpha: 0.1, k: 26, clip: 0 },
      buffer: { use: "reservoir", capacity: 5120, variant: "exact" },
    },
    "ce69cf6e0380707349b4e19a5c54050f7ff7d942cafb3612e33421249c5f9f97",
  ],
];

/** What a plugin makes here does not matter: identity is of names, versions and options. */
const bodies: Partial<Record<Kind, string>> = {
  dataset: `checksum: "${mnist}"`,
  stream: "shape: [784], boundaries: true",
  scenario: 'taskLabels: "never", outputs: 10',
};

function schemaOf(value: unknown): OptionSchema {
  const description = ".";
  if (Array.isArray(value)) return { type: "array", items: { type: "number" }, description };
  return { type: typeof value === "string" ? "string" : "number", description };
}

/** An installed package under its published name and version, with the options that are written. */
function standIn(kind: Kind, { use, ...options }: Choice, needs: string[]): Fake {
  const schemas = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, schemaOf(value)]));
  const body = `options: ${JSON.stringify(schemas)}, needs: ${JSON.stringify(needs)}, create: () => ({ ...others, ${bodies[kind] ?? ""} })`;
  return { kind, name: use, package: `@everlearn/${kind}-${use}`, version: "0.1.0", body };
}

describe("the identity of a run that was published", () => {
  it.each(published)("is still that of %s", async (name, own, specId) => {
    const [run] = runsOf({ ...shared, ...own, name }, "mer-2019.json");
    const kinds = ["dataset", "stream", "scenario", "network", "learner", "buffer"] as const;
    const files = kinds.map((kind) => {
      const choice = run[kind];
      return choice
        ? fake(standIn(kind, choice, kind === "learner" ? ["network", ...(run.buffer ? ["buffer"] : [])] : []))
        : {};
    });
    const from = [tree(Object.assign({}, ...files) as Record<string, string>)];
    expect((await plan(run, { from })).specId).toBe(specId);
  });
});
