import { createReadStream } from "node:fs";
import { checker } from "./check.js";
import { SpecError } from "./error.js";
import { parseJson } from "./json.js";

/** A plugin by its short name, its package or its path, and its options. */
export type Choice = { readonly use: string } & { readonly [option: string]: unknown };

/** A stream; one that is made of another one names that in `of`, and so on. */
export type StreamChoice = Choice & { readonly of?: StreamChoice };

/** When a learner is asked about test examples. */
export interface Evaluation {
  /** After each experience: all tasks, or its own and the next experience's only. After the last: all. */
  readonly tasks: "all" | "current-and-next";
  /** Glances at the tasks that have come so far: every so many training examples within an experience; 0: never. */
  readonly every: number;
  /** Test examples of each task that a glance asks about; 0: all there are. */
  readonly examples: number;
}

/** One run: what `everlearn run` repeats for each seed. Accuracies and ids depend on it, never on where it was written. */
export interface RunSpec {
  /** `[a-z0-9._-]{1,64}`, not "." or "..": it names a folder. */
  readonly name: string;
  readonly description?: string;
  readonly dataset: Choice;
  readonly stream: StreamChoice;
  readonly scenario: Choice;
  readonly network: Choice;
  /** Absent: the network's own SGD. */
  readonly optimizer?: Choice;
  readonly learner: Choice;
  readonly buffer?: Choice;
  /** How many examples of the stream the learner observes at once, from 1. */
  readonly batchSize: number;
  readonly evaluation: Evaluation;
  readonly metrics: readonly Choice[];
  readonly trackers: readonly Choice[];
  /** Each from 0, none twice. */
  readonly seeds: readonly number[];
  /** Where it was read from, for error messages. */
  readonly source?: Source;
}

export interface Source {
  readonly file: string;
  /** The JSON path of the run in a suite, such as "/runs/1"; "" where the file is a single run. */
  readonly run: string;
  /** The fields that are the run's own; the others are shared by the whole file. */
  readonly own: readonly string[];
}

const largest = 1024 * 1024;

export const usualEvaluation: Evaluation = { tasks: "all", every: 0, examples: 0 };

const defaults = {
  dataset: { use: "glyphs" },
  scenario: { use: "domain-il" },
  network: { use: "mlp", hidden: [100, 100] },
  batchSize: 1,
  evaluation: usualEvaluation,
  metrics: [],
  trackers: [],
  seeds: [0],
};

const choice = {
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
const fields = {
  name: {
    type: "string",
    title: '1 to 64 of the characters a-z, 0-9, ".", "_" and "-", and neither "." nor ".."',
    pattern: "^(?!\\.{1,2}$)[a-z0-9._-]{1,64}$",
  },
  description: { type: "string" },
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

/** A file with one run. */
export const specSchema = {
  $defs,
  type: "object",
  additionalProperties: false,
  required: ["name", "stream", "learner"],
  properties: { $schema: { type: "string" }, ...fields },
} as const;

const run = { type: "object", additionalProperties: false, required: ["name"], properties: fields };

/** A file with several: its fields are shared, each run's own come before them, whole; null takes a buffer or optimizer away. */
export const suiteSchema = {
  $defs,
  type: "object",
  additionalProperties: false,
  required: ["runs"],
  properties: { ...specSchema.properties, runs: { type: "array", minItems: 1, maxItems: 10_000, items: run } },
} as const;

/**
 * The runs of a spec file. No plugin's code is loaded.
 * @throws SpecError where it cannot be read, is no JSON, or says something that a spec cannot say
 */
export async function readSpecs(file: string): Promise<RunSpec[]> {
  return runsOf(parseJson(await readText(file), file), file);
}

/** The runs of a spec that was read already. @throws SpecError */
export function runsOf(document: unknown, file: string): RunSpec[] {
  const where = `${file}: `;
  const isSuite = typeof document === "object" && document !== null && Object.hasOwn(document, "runs");
  const problems = checker(isSuite ? suiteSchema : specSchema, "field")(document, where);
  if (problems.length > 0) throw new SpecError(problems);
  const { $schema: _, runs, ...shared } = document as Record<string, unknown>;
  if (!isSuite) return [runOf(shared, { file, run: "", own: Object.keys(shared) })];

  const names = new Map<string, string>();
  const answer = (runs as ({ name: string } & Record<string, unknown>)[]).map((own, i) => {
    const path = `/runs/${i}`;
    for (const field of ["stream", "learner"])
      if (!(field in own) && !(field in shared)) problems.push(`${where}${path} lacks "${field}", ${choice.title}.`);
    const first = names.get(own.name);
    if (first) problems.push(`${where}${path}/name must be unique, but ${first} is called "${own.name}" too.`);
    else names.set(own.name, path);
    return runOf({ ...shared, ...own }, { file, run: path, own: Object.keys(own) });
  });
  if (problems.length > 0) throw new SpecError(problems);
  return answer;
}

function runOf(given: Record<string, unknown>, source: Source): RunSpec {
  const { buffer, optimizer, ...rest } = given;
  return {
    ...structuredClone(defaults),
    ...rest,
    evaluation: { ...usualEvaluation, ...(given.evaluation as Partial<Evaluation> | undefined) },
    ...(optimizer ? { optimizer } : {}),
    ...(buffer ? { buffer } : {}),
    source,
  } as unknown as RunSpec;
}

async function readText(file: string): Promise<string> {
  const reasons: Record<string, string> = { ENOENT: "does not exist", EISDIR: "is a folder, not a file" };
  const chunks: Uint8Array[] = [];
  try {
    // One byte more than allowed tells enough; a file may grow or be a device, so its size is not asked.
    for await (const chunk of createReadStream(file, { end: largest })) chunks.push(chunk as Uint8Array);
  } catch (error) {
    const { code = "for an unknown reason" } = error as NodeJS.ErrnoException;
    throw new SpecError(`${file} ${reasons[code] ?? `cannot be read (${code})`}.`);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > largest) throw new SpecError(`${file} is larger than 1 MiB, the most that a spec may have.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SpecError(`${file} is not UTF-8 text.`);
  }
}
