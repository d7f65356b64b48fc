import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { completeSpec, officialRun, type RunSpec, type Source, type WrittenSpec } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import { checker } from "../check.js";
import { readingReasonOf } from "../folder/reasons.js";
import { printable } from "../printable.js";
import { parseJson } from "./json.js";
import { protocolProblems } from "./protocol.js";
import { choice, gridSchema, runName, specSchema, suiteSchema } from "./schema.js";
import { suiteIdOf } from "./suite-id.js";

const largest = 1024 * 1024;
/** What a suite may have at most: more would fill memory before anything starts. */
const MOST = { runs: 10_000, cells: 200_000 };
const isRunName = new RegExp(runName.pattern, "u");

/**
 * The runs of a spec file. No plugin's code is loaded.
 * @throws SpecError where it cannot be read, is no JSON, or says something that a spec cannot say
 */
export async function readSpecs(file: string): Promise<RunSpec[]> {
  return runsOf(parseJson(await readText(file), file), file).map(officialRun);
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
  const count = grid ? (learners as Named[]).length * (settings as Named[]).length : (listed as Named[]).length;
  if (count > MOST.runs)
    throw new SpecError(`${where}It makes ${count} runs, of which a suite may have ${MOST.runs}; split it.`);
  const runs = grid ? crossed(learners as Named[], settings as Named[]) : placed(listed as Named[]);
  const names = new Map<string, string>();
  const answer = runs.map(({ path, own }) => {
    if (own.name.length > 64)
      problems.push(
        `${where}${path} makes the run "${own.name}", whose name is longer than 64 characters; shorten it or its setting's.`,
      );
    else if (!isRunName.test(own.name))
      problems.push(
        `${where}${path} makes the run "${own.name}", which is no name of a run: it must be ${runName.title}.`,
      );
    for (const field of ["stream", "learner"])
      if (!(field in own) && !(field in shared)) problems.push(`${where}${path} lacks "${field}", ${choice.title}.`);
    const first = names.get(own.name);
    if (first) problems.push(`${where}${path}/name must be unique, but ${first} is called "${own.name}" too.`);
    else names.set(own.name, path);
    return runOf({ ...shared, ...own }, { file, run: path, own: Object.keys(own) });
  });
  const cells = answer.reduce((sum, { seeds }) => sum + seeds.length, 0);
  if (cells > MOST.cells)
    problems.push(
      `${where}Its runs have ${cells} seeds together, of which a suite may have ${MOST.cells}; use fewer, or split it.`,
    );
  problems.push(...protocolProblems(answer[0].protocol ?? {}, answer, where));
  if (problems.length > 0) throw new SpecError(problems);
  if (answer[0].protocol?.suite === undefined) return answer;
  const id = suiteIdOf(answer);
  return answer.map((run) => ({ ...run, suite: id }));
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

function runOf(written: Record<string, unknown>, source: Source): RunSpec {
  return { ...completeSpec(written as unknown as WrittenSpec), source };
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
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new SpecError(`${printable(file)} ${reasons[code] ?? `cannot be read: ${readingReasonOf(error)}`}.`);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > largest) throw new SpecError(`${file} is larger than 1 MiB, the most that a spec may have.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SpecError(`${file} is not UTF-8 text.`);
  }
}
