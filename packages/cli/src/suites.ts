import { dirname, resolve } from "node:path";
import { pointsOf } from "@everlearn/bench";
import { createRunDescriber } from "@everlearn/host";
import type { DefinedRun, SuiteDefinition } from "@everlearn/leaderboard";
import { type RunSpec, readSpecs, suiteIdOf } from "@everlearn/records";
import { Failure, warn } from "./failure.js";
import { searchPath } from "./search-path.js";

/**
 * The suites in an organiser's files, by which receipts are judged. Their plugins are loaded for the options that the files
 * leave open, and their data sets, where they are at hand, for checksums.
 * @param named the suites that receipts name; others are passed over
 * @throws SpecError where a file is not a spec; Failure where it names no suite, or two files of one suite differ in rules
 */
export async function readSuites(
  files: readonly string[],
  { named, folder }: { readonly named: ReadonlySet<string>; readonly folder: string | undefined },
): Promise<SuiteDefinition[]> {
  const bySuite = new Map<string, { readonly file: string; readonly runs: RunSpec[] }>();
  for (const file of files) {
    const runs = await readSpecs(file);
    const name = runs[0].protocol?.suite;
    if (name === undefined)
      throw new Failure(`${file} names no suite, so no receipt can belong to it; give it a "name" and "runs".`);
    const known = bySuite.get(name);
    if (known === undefined) bySuite.set(name, { file, runs });
    else if (JSON.stringify(known.runs[0].protocol) !== JSON.stringify(runs[0].protocol))
      throw new Failure(`${known.file} and ${file} state different rules for the suite "${name}"; make them the same.`);
    else known.runs.push(...runs);
  }
  const problems = new Set<string>();
  const suites: SuiteDefinition[] = [];
  for (const [name, { runs }] of bySuite) {
    if (!named.has(name)) continue;
    const { protocol = {}, description = null } = runs[0];
    const defined: DefinedRun[] = [];
    for (const run of runs) defined.push(await definedRun(run, folder, problems));
    suites.push({ name, description, protocol, id: suiteIdOf(runs), runs: defined });
  }
  for (const problem of problems) warn(`${problem} What this would decide is taken from the receipts.`);
  return suites;
}

const describers = new Map<string, ReturnType<typeof createRunDescriber>>();

async function definedRun(run: RunSpec, folder: string | undefined, problems: Set<string>): Promise<DefinedRun> {
  const from = [dirname(resolve(run.source?.file ?? ".")), ...searchPath()];
  const describer = describers.get(from[0]) ?? createRunDescriber({ from, folder });
  describers.set(from[0], describer);
  const described = await (await describer)(run);
  for (const problem of described.problems) problems.add(problem);
  const tuning = run.protocol?.tuning;
  const isSearched = tuning?.protocol === "search" && Object.hasOwn(tuning.space, run.name);
  return {
    spec: described.spec as unknown as DefinedRun["spec"],
    plugins: described.plugins,
    defaults: described.defaults,
    checksum: described.checksum,
    points: isSearched ? pointsOf(run, tuning).map(({ options }) => options) : null,
  };
}
