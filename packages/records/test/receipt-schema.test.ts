import { digest } from "@everlearn/digest";
import { describe, expect, it } from "vitest";
import { parseReceipt, type Receipt, sealOf } from "../src/index.js";
import { receiptSchema } from "../src/receipt/schema.js";
import { temporary } from "./folder.js";
import { ran } from "./ran.js";

const specId = "a".repeat(64);
const choice = { use: "x" };
const fractions = { accuracy: [[0.5, null]], initial: [0.25, 0.5] };

/** A receipt that says all that one can say. */
const receipt: Receipt = {
  ...{ name: "whole", seed: 3, specId, cellId: digest({ specId, seed: 3 }) },
  spec: {
    ...{ name: "whole", description: "All.", label: "W", settings: ["a"], protocol: { track: "open" } },
    ...{ dataset: choice, stream: choice, scenario: choice, learner: choice, buffer: { use: "x", capacity: 5 } },
    network: null,
  },
  plugins: { learner: { name: "x", package: "x", version: "1.0.0" } },
  suite: "e".repeat(64),
  tuning: "f".repeat(64),
  checksum: "sum",
  status: "finished",
  message: "Why not.",
  chance: 0.5,
  taskLabels: { training: 1, test: 2, boundaries: 3 },
  ...fractions,
  tasks: [[0, 1]],
  confusion: [
    [
      [3, 1],
      [0, 2],
    ],
  ],
  probe: [[0.75, null]],
  classes: [[1, 0], [2]],
  classNames: ["cat", "dog", "owl"],
  glances: [{ examples: 5, experience: 0, accuracy: [0.5, null] }],
  prequential: {
    ...{ examples: 10, accuracy: 0.5, kappa: -0.25, kappaM: null },
    classes: [{ examples: 10, answers: 5, right: 5 }],
    windows: [{ examples: 5, accuracy: 0.5, kappa: null, kappaM: 0.5 }],
  },
  metrics: { retainedAccuracy: 0.5, forwardTransfer: null, exampleGradients: 1e6 },
  predictions: { count: 1, sha256: "b".repeat(64) },
  examples: 10,
  gradients: 20,
  bytes: 30,
  usage: { cpuSeconds: 1.25, peakBytes: 90_000_000 },
  seconds: 1.5,
  digest: "c".repeat(64),
  weights: "e".repeat(64),
  journal: "f".repeat(16),
  environment: { node: "v20" },
  commit: "d",
  seal: "",
};

const problemOf = (one: object): string | undefined => {
  const { seal: _, ...unsealed } = one as Receipt;
  const sealed = "seal" in one ? { ...unsealed, seal: _ === "" ? sealOf(unsealed) : _ } : unsealed;
  const found = parseReceipt({ text: JSON.stringify(sealed), where: "here" });
  return "problem" in found ? found.problem : undefined;
};

describe("the schema of a receipt", () => {
  const fields = Object.keys(receiptSchema.properties) as (keyof Receipt)[];

  it("knows every field, and takes a receipt that has them all", () => {
    expect(fields.toSorted()).toEqual(Object.keys(receipt).toSorted());
    expect(problemOf(receipt)).toBeUndefined();
  });

  it("knows every field that a run writes today", async () => {
    expect(fields).toEqual(expect.arrayContaining(Object.keys(await ran(temporary()))));
  });

  it.each(fields)("refuses what %s cannot be", (field) => {
    expect(problemOf({ ...receipt, [field]: true })).toMatch(
      new RegExp(`^here: /${field} must be .+, but is true\\.$`),
    );
  });

  it.each(receiptSchema.required)("asks for %s", (field) => {
    const { [field as "name"]: _, ...others } = receipt;
    expect(problemOf(others)).toMatch(new RegExp(`^here: ?.* lacks "${field}", .+\\.$`));
  });

  it.each(fields.filter((field) => !receiptSchema.required.includes(field)))("does without %s", (field) => {
    const { [field]: _, ...others } = receipt;
    if (field === "seal") {
      // Whoever writes these fields seals.
      for (const field of ["weights", "journal"] as const) {
        expect(problemOf(others)).toBe("here was changed after it was written: its seal is gone.");
        delete (others as { -readonly [F in keyof Receipt]?: Receipt[F] })[field];
      }
    }
    expect(problemOf(others)).toBeUndefined();
  });

  it.each<[place: string, change: object]>([
    ["/name", { name: "../up" }],
    ["/specId", { specId: "A".repeat(64) }],
    ["/probe/0/0", { probe: [[1.5]] }],
    [
      "/confusion/0/1/0",
      {
        confusion: [
          [
            [1, 2],
            [0.5, 0],
          ],
        ],
      },
    ],
    ["/accuracy/0/1", { accuracy: [[0.5, 1.5]] }],
    ["/initial/0", { initial: ["0.5"] }],
    ["/glances/0/accuracy/0", { glances: [{ examples: 5, experience: 0, accuracy: [-0.5] }] }],
    ["/glances/0/experience", { glances: [{ examples: 5, experience: -1, accuracy: [] }] }],
    ["/metrics/a~1b", { metrics: { "a/b": "1" } }],
    ["/plugins/learner/version", { plugins: { learner: { name: "x", package: "x", version: 1 } } }],
    ["/predictions/count", { predictions: { count: 1.5, sha256: "b".repeat(64) } }],
    ["/predictions/deflated", { predictions: { count: 1, sha256: "b".repeat(64), deflated: 3 } }],
    ["/taskLabels/test", { taskLabels: { training: 1, test: -2, boundaries: 3 } }],
    ["/tasks/0/0", { tasks: [["0"]] }],
    ["/status", { status: "interrupted" }],
    ["/environment/node", { environment: { node: 20 } }],
    ["/seconds", { seconds: -1 }],
    ["/spec/protocol/track", { spec: { ...receipt.spec, protocol: { track: "secret" } } }],
    ["/spec/settings/0", { spec: { ...receipt.spec, settings: [1] } }],
    ["/spec/learner/use", { spec: { ...receipt.spec, learner: { use: 3 } } }],
  ])("refuses what is wrong at %s", (place, change) => {
    expect(problemOf({ ...receipt, ...change })).toMatch(new RegExp(`^here: ${place} must be .+\\.$`));
  });

  it("lets a receipt say more", () => {
    expect(problemOf({ ...receipt, note: { any: "thing" }, spec: { ...receipt.spec, future: [1] } })).toBeUndefined();
  });
});
