import { protocolSchema } from "./protocol.js";

export const choice = {
  type: "object",
  title: 'an object such as {"use": "name"} with the options beside it',
  required: ["use"],
  properties: {
    use: { type: "string", title: "the name, package or path of a plugin", minLength: 1, maxLength: 1024 },
  },
};
const optional = { ...choice, type: ["object", "null"] };
const stream = { ...choice, properties: { ...choice.properties, of: { $ref: "#/$defs/stream" } } };
const $defs = { stream };
const evaluation = {
  type: "object",
  title: 'an object such as {"tasks": "all", "every": 100, "examples": 50}',
  additionalProperties: false,
  properties: {
    tasks: { type: "string", enum: ["all", "current-and-next"] },
    every: { type: "integer", minimum: 0 },
    examples: { type: "integer", minimum: 0 },
  },
};
const choices = { type: "array", title: "a list of plugins", maxItems: 64, items: choice };
const name = {
  type: "string",
  title: '1 to 64 of the characters a-z, 0-9, ".", "_" and "-", and neither "." nor ".."',
  pattern: "^(?!\\.{1,2}$)[a-z0-9._-]{1,64}$",
};
const fields = {
  name,
  description: { type: "string" },
  label: { type: "string", title: "1 to 64 characters", minLength: 1, maxLength: 64 },
  settings: { type: "array", title: "a list of names of settings", minItems: 1, uniqueItems: true, items: name },
  dataset: choice,
  stream,
  scenario: choice,
  network: choice,
  optimizer: optional,
  learner: choice,
  buffer: optional,
  batchSize: { type: "integer", minimum: 1 },
  evaluation,
  metrics: choices,
  trackers: choices,
  seeds: {
    type: "array",
    minItems: 1,
    maxItems: 10_000,
    uniqueItems: true,
    items: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
};

/** A file with one run, or what a receipt says of its own. */
export const specSchema = {
  $defs,
  type: "object",
  additionalProperties: false,
  required: ["name", "stream", "learner"],
  properties: { $schema: { type: "string" }, ...fields, protocol: protocolSchema },
} as const;

const run = { type: "object", additionalProperties: false, required: ["name"], properties: fields };
const runs = { type: "array", minItems: 1, maxItems: 10_000, items: run };

/** A file with several: its fields are shared, each run's own come before them, whole; null takes a buffer or optimizer away. */
export const suiteSchema = {
  $defs,
  type: "object",
  additionalProperties: false,
  required: ["runs"],
  properties: { ...specSchema.properties, runs },
} as const;

/** The same, its runs being every learner in every setting: both are runs in part, the learner's fields come first. */
export const gridSchema = {
  $defs,
  type: "object",
  additionalProperties: false,
  required: ["learners", "in"],
  properties: { ...specSchema.properties, learners: runs, in: runs },
} as const;
