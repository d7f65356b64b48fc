import { protocolSchema } from "../spec/protocol.js";
import { runName } from "../spec/schema.js";
import type { Receipt } from "./receipt.js";

const hash = { type: "string", title: "64 hexadecimal digits", pattern: "^[0-9a-f]{64}$" };
const count = { type: "integer", minimum: 0 };
const fraction = { type: ["number", "null"], title: "a fraction from 0 to 1, or null", minimum: 0, maximum: 1 };
const list = (items: object) => ({ type: "array", items });
const choice = { type: "object", required: ["use"], properties: { use: { type: "string" } } };
const text = { type: "string" };

/** A prequential score, and what else there is of it. */
const scoreWith = (more: Readonly<Record<string, object>>): object => ({
  type: "object",
  required: ["examples", "accuracy", "kappa", "kappaM", ...Object.keys(more)],
  properties: {
    examples: count,
    accuracy: { type: "number", minimum: 0, maximum: 1 },
    kappa: { type: ["number", "null"] },
    kappaM: { type: ["number", "null"] },
    ...more,
  },
});
const countsOf = {
  type: "object",
  required: ["examples", "answers", "right"],
  properties: { examples: count, answers: count, right: count },
};

/** The schema of each field of a receipt. If `Receipt` has a field that is not listed here, this does not compile. */
const properties: { readonly [F in keyof Receipt]-?: object } = {
  name: { ...runName, title: "a run's name" },
  seed: { ...count, maximum: Number.MAX_SAFE_INTEGER },
  specId: hash,
  cellId: hash,
  spec: {
    type: "object",
    required: ["name", "dataset", "stream", "scenario", "learner"],
    properties: {
      name: text,
      description: text,
      label: text,
      protocol: protocolSchema,
      settings: list(text),
      dataset: choice,
      stream: choice,
      scenario: choice,
      learner: choice,
      buffer: { ...choice, properties: { ...choice.properties, capacity: count } },
    },
  },
  plugins: {
    type: "object",
    additionalProperties: {
      type: "object",
      required: ["name", "package", "version"],
      properties: { name: text, package: text, version: text },
    },
  },
  suite: hash,
  tuning: hash,
  checksum: text,
  status: { type: "string", enum: ["finished", "diverged", "over-budget"] },
  message: text,
  chance: { type: "number", minimum: 0, maximum: 1 },
  taskLabels: {
    type: "object",
    required: ["training", "test", "boundaries"],
    properties: { training: count, test: count, boundaries: count },
  },
  accuracy: list(list(fraction)),
  initial: list(fraction),
  tasks: list(list(count)),
  confusion: list(list(list(count))),
  probe: list(list(fraction)),
  classes: list(list(count)),
  classNames: list(text),
  glances: list({
    type: "object",
    required: ["examples", "experience", "accuracy"],
    properties: { examples: count, experience: count, accuracy: list(fraction) },
  }),
  prequential: scoreWith({ classes: list(countsOf), windows: list(scoreWith({})) }),
  metrics: { type: "object", additionalProperties: { type: ["number", "null"] } },
  predictions: {
    type: "object",
    required: ["count", "sha256"],
    properties: { count, sha256: hash, deflated: text },
  },
  examples: count,
  gradients: count,
  bytes: count,
  usage: {
    type: "object",
    required: ["cpuSeconds", "peakBytes"],
    properties: { cpuSeconds: { type: "number", minimum: 0 }, peakBytes: count },
  },
  seconds: { type: "number", minimum: 0 },
  digest: hash,
  weights: hash,
  journal: { type: "string", title: "16 hexadecimal digits", pattern: "^[0-9a-f]{16}$" },
  environment: { type: "object", additionalProperties: text },
  commit: text,
  seal: hash,
};

/** The JSON Schema of a receipt: what tables and pages rely on. Whatever else a receipt says is kept. */
export const receiptSchema = {
  type: "object",
  title: "an object",
  required: ["name", "seed", "specId", "cellId", "spec", "metrics", "seconds", "environment"],
  properties,
};
