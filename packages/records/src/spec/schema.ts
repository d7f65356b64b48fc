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
  description: "When the learner is asked about test examples.",
  additionalProperties: false,
  properties: {
    tasks: {
      type: "string",
      enum: ["all", "current-and-next", "seen", "none"],
      description:
        "The tasks that each row of R covers: all (the default); only what RA, LA and forward transfer need, which is far cheaper with many tasks; or those that have come, so that a learner is shown no test input of a task before its time. The last row covers all. With none, no test example is asked about, for streams that are evaluated prequentially only.",
    },
    every: {
      type: "integer",
      minimum: 0,
      description:
        "Intermediate evaluations of the tasks so far, every so many training examples; 0 (the default): none.",
    },
    examples: {
      type: "integer",
      minimum: 0,
      description: "Test examples of each task that an intermediate evaluation asks about; 0 (the default): all.",
    },
    probe: {
      type: "integer",
      minimum: 0,
      description:
        "After each experience, a linear classifier is trained on the network's features of so many training examples of each task that has come, and tested; 0 (the default): none.",
    },
    confusion: {
      type: "boolean",
      description:
        "Whether each row of R comes with a confusion matrix: how often each output was answered where another one was right. By default none is recorded.",
    },
    prequential: {
      type: "object",
      title: 'an object such as {"window": 1000, "delay": 0}',
      description: "Prequential evaluation: each training example is asked about before it is taught.",
      additionalProperties: false,
      properties: {
        window: {
          type: "integer",
          minimum: 1,
          description: "The examples of a window, each of which has an accuracy of its own; 1000 by default.",
        },
        delay: {
          type: "integer",
          minimum: 0,
          description: "How many further examples are asked about before an example's label is told; 0 by default.",
        },
      },
    },
  },
};
/**
 * Names that no folder of a run can have: those that Windows keeps for devices, whatever their ending, or cannot end with; those
 * of folders that everlearn makes or passes over; and those of files that it leaves or reads.
 */
const reserved = [
  "(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\\..*)?",
  ".*\\.",
  "tuning|journal|sync|node_modules|(?:canary|seed)-[0-9]+|lock\\..*",
  ".*\\.(?:jsonl?|part|bin|npy|svg)",
];
export const runName = {
  type: "string",
  title:
    '1 to 64 of the characters a-z, 0-9, ".", "_" and "-", no "." at the end, and no name that everlearn or Windows keeps for itself, such as "tuning", "canary-1", "result.json" or "con"',
  pattern: `^(?!(?:${reserved.join("|")})$)[a-z0-9._-]{1,64}$`,
};

/** The schema of a plugin of each kind, and of one that may be taken away by null. */
export type SchemaOf = (kind: Kind) => object;

/** The fields of a run, with their schemas. */
function fieldsWith(one: SchemaOf, orNone: SchemaOf) {
  const described = (schema: object, description: string) => ({ description, ...schema });
  const several = (kind: Kind, description: string) => ({
    type: "array",
    title: "a list of plugins",
    description,
    maxItems: 64,
    items: one(kind),
  });
  return {
    name: described(runName, "The run's name: its folder, and what tables call it. Of a suite, the suite's name."),
    description: { type: "string", description: "What it is about, for people." },
    label: {
      type: "string",
      title: "1 to 64 characters",
      description: "What tables call the run; its name where this is left out.",
      minLength: 1,
      maxLength: 64,
    },
    settings: {
      type: "array",
      title: "a list of names of settings",
      description:
        "The settings, such as memory sizes, in which the run takes part: runs are compared and ranked within each. Left out: the whole suite is one setting.",
      minItems: 1,
      uniqueItems: true,
      items: runName,
    },
    dataset: described(one("dataset"), "Labelled examples; glyphs, which need no download, where it is left out."),
    stream: described(one("stream"), "Which examples come, in which order, from which tasks."),
    scenario: described(
      one("scenario"),
      "What the learner is told, and among which outputs it is judged; domain-il where it is left out.",
    ),
    network: described(
      orNone("network"),
      "What the learner trains; mlp with two hidden layers of 100 where it is left out, none for a learner that trains none.",
    ),
    optimizer: described(
      orNone("optimizer"),
      "How a gradient moves θ; SGD where it is left out. null takes a shared one away.",
    ),
    augmentation: {
      ...several(
        "augmentation",
        "What is done to the inputs of incoming and replayed examples, anew each time, one after the other. null or [] takes shared ones away.",
      ),
      type: ["array", "null"],
    },
    learner: described(one("learner"), "What to do with an example, and what to answer."),
    buffer: described(
      orNone("buffer"),
      "Which past examples stay, for a learner that needs one. null takes a shared one away.",
    ),
    batchSize: { type: "integer", minimum: 1, description: "How many examples the learner observes at once; 1." },
    evaluation,
    metrics: several("metric", "Metrics besides those that every run reports."),
    trackers: several("tracker", "Where runs are shown besides, such as MLflow. They change no result."),
    seeds: {
      type: "array",
      description: "The run is repeated at each of these seeds; [0].",
      minItems: 1,
      maxItems: 10_000,
      uniqueItems: true,
      items: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    },
  };
}

/** The three forms that a file may have, with these schemas of its plugins. */
export function formsWith(one: SchemaOf, orNone: SchemaOf) {
  const fields = fieldsWith(one, orNone);
  const properties = {
    $schema: { type: "string", description: "Where editors find this schema; everlearn does not read it." },
    ...fields,
    protocol: protocolSchema,
  };
  const run = { type: "object", additionalProperties: false, required: ["name"], properties: fields };
  const runs = (description: string) => ({ type: "array", description, minItems: 1, maxItems: 10_000, items: run });
  const form = (required: readonly string[], more: object = {}) => ({
    type: "object" as const,
    additionalProperties: false as const,
    required,
    properties: { ...properties, ...more },
  });
  return {
    spec: form(["name", "stream", "learner"]),
    suite: form(["runs"], {
      runs: runs("The suite's runs. The other fields of the file are shared; a run's own come before them, whole."),
    }),
    grid: form(["learners", "in"], {
      learners: runs("The rows of a grid: every learner runs in every setting of `in`; its own fields come first."),
      in: runs("The columns of a grid: the settings, each with what is special about it."),
    }),
  };
}

const forms = formsWith(
  () => chained,
  () => ({ ...chained, type: ["object", "null"] }),
);

/** A file with one run, or what a receipt says of its own. */
export const specSchema = { $defs, ...forms.spec };

/**
 * A file with several runs, which share its fields. A run's own field replaces the shared one as a whole; null takes
 * away a network, optimizer or buffer.
 */
export const suiteSchema = { $defs, ...forms.suite };

/**
 * A file with a grid: every learner in every setting is a run. The learner's fields take precedence over the setting's.
 */
export const gridSchema = { $defs, ...forms.grid };
