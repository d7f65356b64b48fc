import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { checker } from "./check.js";
import { SpecError } from "./error.js";
import { parseJson } from "./json.js";
import { type Protocol, protocolProblems } from "./protocol.js";
import { choice, gridSchema, specSchema, suiteSchema } from "./schema.js";

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
  /** What tables call it; absent: its name. */
  readonly label?: string;
  /** Within each of these runs are compared and ranked; absent: one setting, the whole suite. */
  readonly settings?: readonly string[];
  /** The rules of the suite that it belongs to. */
  readonly protocol?: Protocol;
  /** Where it was read from, for error messages. */
  readonly source?: Source;
}

/** Where a run's spec was read from. */
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
  const has = (field: string) => typeof document === "object" && document !== null && Object.hasOwn(document, field);
  const [grid, suite] = [has("learners"), has("runs")];
  const problems = checker(grid ? gridSchema : suite ? suiteSchema : specSchema, "field")(document, where);
  if (problems.length > 0) throw new SpecError(problems);
  const { $schema: _, learners, in: settings, runs: listed, ...given } = document as Record<string, unknown>;
  if (!grid && !suite) return [runOf(given, { file, run: "", own: Object.keys(given) })];

  const { name, ...rest } = given;
  const shared = {
    ...rest,
    ...(name === undefined && !rest.protocol
      ? {}
      : { protocol: { ...(name === undefined ? {} : { suite: name }), ...(rest.protocol as object) } }),
  };
  const runs = grid ? crossed(learners as Named[], settings as Named[]) : placed(listed as Named[]);
  const names = new Map<string, string>();
  const answer = runs.map(({ path, own }) => {
    if (own.name.length > 64)
      problems.push(
        `${where}${path} makes the run "${own.name}", whose name is longer than 64 characters; shorten it or its setting's.`,
      );
    for (const field of ["stream", "learner"])
      if (!(field in own) && !(field in shared)) problems.push(`${where}${path} lacks "${field}", ${choice.title}.`);
    const first = names.get(own.name);
    if (first) problems.push(`${where}${path}/name must be unique, but ${first} is called "${own.name}" too.`);
    else names.set(own.name, path);
    return runOf({ ...shared, ...own }, { file, run: path, own: Object.keys(own) });
  });
  problems.push(...protocolProblems(answer[0].protocol ?? {}, answer, where));
  if (problems.length > 0) throw new SpecError(problems);
  return answer;
}

type Named = { readonly name: string } & Readonly<Record<string, unknown>>;
/** A run's own fields and where they stand. */
type Placed = { readonly path: string; readonly own: Named };

function placed(runs: readonly Named[]): Placed[] {
  return runs.map((own, i) => ({ path: `/runs/${i}`, own }));
}

/** Every learner in every setting; the run is called after both. */
function crossed(learners: readonly Named[], settings: readonly Named[]): Placed[] {
  return settings.flatMap((setting) =>
    learners.map((learner, i) => {
      const name = `${learner.name}-${setting.name}`;
      const labels = { label: learner.label ?? learner.name, settings: [setting.name] };
      return { path: `/learners/${i}`, own: { ...setting, ...learner, ...labels, name } };
    }),
  );
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
    const found = await stat(file);
    // Opening a pipe would wait for its writer.
    if (!found.isFile() && !found.isDirectory())
      throw new SpecError(`${file} is not a regular file; write the spec into one.`);
    // One byte more than allowed tells enough; a file may grow, so its size is not asked.
    for await (const chunk of createReadStream(file, { end: largest })) chunks.push(chunk as Uint8Array);
  } catch (error) {
    if (error instanceof SpecError) throw error;
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
