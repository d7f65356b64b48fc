import type { Kind } from "@everlearn/contracts";
import { protocolSchema } from "./protocol.js";

export const choice = {
  type: "object",
  title: 'an object such as {"use": "name"} with the options beside it',
  required: ["use"],
  properties: {
    use: { type: "string", title: "the name, package or path of a plugin", minLength: 1, maxLength: 1024 },
  },
};
const chained = { ...choice, properties: { ...choice.properties, of: { $ref: "#/$defs/choice" } } };
const $defs = { choice: chained };
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
const name = {
  type: "string",
  title: '1 to 64 of the characters a-z, 0-9, ".", "_" and "-", and neither "." nor ".."',
  pattern: "^(?!\\.{1,2}$)[a-z0-9._-]{1,64}$",
};

/** What a run says. @param one the schema of a plugin of each kind; @param orNone of one that may be taken away by null */
function fieldsWith(one: (kind: Kind) => object, orNone: (kind: Kind) => object) {
  const several = (kind: Kind) => ({ type: "array", title: "a list of plugins", maxItems: 64, items: one(kind) });
  return {
    name,
    description: { type: "string" },
    label: { type: "string", title: "1 to 64 characters", minLength: 1, maxLength: 64 },
    settings: { type: "array", title: "a list of names of settings", minItems: 1, uniqueItems: true, items: name },
    dataset: one("dataset"),
    stream: one("stream"),
    scenario: one("scenario"),
    network: orNone("network"),
    optimizer: orNone("optimizer"),
    learner: one("learner"),
    buffer: orNone("buffer"),
    batchSize: { type: "integer", minimum: 1 },
    evaluation,
    metrics: several("metric"),
    trackers: several("tracker"),
    seeds: {
      type: "array",
      minItems: 1,
      maxItems: 10_000,
      uniqueItems: true,
      items: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    },
  };
}

/** The three forms that a file may have, with these schemas of its plugins. */
export function formsWith(one: (kind: Kind) => object, orNone: (kind: Kind) => object) {
  const fields = fieldsWith(one, orNone);
  const properties = { $schema: { type: "string" }, ...fields, protocol: protocolSchema };
  const run = { type: "object", additionalProperties: false, required: ["name"], properties: fields };
  const runs = { type: "array", minItems: 1, maxItems: 10_000, items: run };
  const form = (required: readonly string[], more: object = {}) => ({
    type: "object" as const,
    additionalProperties: false as const,
    required,
    properties: { ...properties, ...more },
  });
  return {
    spec: form(["name", "stream", "learner"]),
    suite: form(["runs"], { runs }),
    grid: form(["learners", "in"], { learners: runs, in: runs }),
  };
}

const forms = formsWith(
  () => chained,
  () => ({ ...chained, type: ["object", "null"] }),
);

/** A file with one run, or what a receipt says of its own. */
export const specSchema = { $defs, ...forms.spec };

/** A file with several: its fields are shared, each run's own come before them, whole; null takes a buffer or optimizer away. */
export const suiteSchema = { $defs, ...forms.suite };

/** The same, its runs being every learner in every setting: both are runs in part, the learner's fields come first. */
export const gridSchema = { $defs, ...forms.grid };
