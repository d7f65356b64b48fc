import { dirname, relative, resolve } from "node:path";
import { hasOwnTrialData, officialRun, type RunSpec, type Search } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import pMap from "p-map";
import type { Executor } from "./executor.js";
import type { PlannedRun, PlanRequest } from "./request.js";
import { trackProblems } from "./track.js";
import { type Options, type Point, pointsOf } from "./tuning.js";

/** A run of a suite with one choice of its options, planned. */
export interface Candidate {
  readonly request: PlanRequest;
  readonly planned: PlannedRun;
}

/** A run of a suite: one candidate, or several among which a search has to choose. */
export interface Entry {
  readonly name: string;
  /** The official seeds. */
  readonly seeds: readonly number[];
  readonly candidates: readonly Candidate[];
  /** The same on the data of trials, where these have their own. */
  readonly trials: readonly Candidate[];
  readonly tuning?: { readonly search: Search; readonly points: readonly Point[] };
}

export interface PlanOptions {
  /** Seeds instead of the specs'. */
  readonly seeds?: readonly number[] | undefined;
  /** The number of runs that are planned at once. */
  readonly jobs: number;
  /** Called with the number of runs planned so far, and of all. */
  readonly onPlanned?: (planned: number, of: number) => void;
  /** Called with each line that plugins write, and the name of their run. */
  readonly onOutput?: ((line: string, name: string) => void) | undefined;
}

/**
 * Plans all runs, those of a search at each point of its space, before any starts.
 * @throws SpecError with all that is wrong, a sentence a line
 */
export async function planSuite(given: readonly RunSpec[], executor: Executor, options: PlanOptions): Promise<Entry[]> {
  const { jobs, onPlanned, onOutput } = options;
  const specs = given.map((spec) => officialRun(withRelativeSource(spec)));
  const problems: string[] = nameProblems(specs);
  const drafts = specs.flatMap((spec) => draft(spec, options.seeds, problems));
  if (problems.length > 0) throw new SpecError(problems);

  const drafted = drafts.flatMap((entry) => entry.specs.map((spec, i) => ({ entry, spec, i })));
  let done = 0;
  const draftPlan = async ({ entry, spec }: (typeof drafted)[number]): Promise<Candidate | SpecError> => {
    const request = { spec, folder: spec.source ? dirname(spec.source.file) : "." };
    const planning = executor.plan(request, { onOutput: (line) => onOutput?.(line, entry.name) });
    const attempt = await planning.then(
      (planned) => ({ request, planned }),
      (error: unknown) => {
        if (error instanceof SpecError) return error;
        throw error;
      },
    );
    onPlanned?.(++done, drafted.length);
    return attempt;
  };
  const attempts = await pMap(drafted, draftPlan, { concurrency: jobs });
  const wrong = new Map<string, string>(); // each sentence once, with the first point that it holds for
  const candidates: Candidate[] = [];
  for (const [place, attempt] of attempts.entries()) {
    const { entry, i } = drafted[place];
    const options = entry.tuning?.points[i % entry.tuning.points.length].options;
    if (attempt instanceof SpecError)
      for (const problem of attempt.problems)
        wrong.set(problem, wrong.get(problem) ?? (options ? ` (with ${listOptions(options)}, to be tried.)` : ""));
    else candidates.push(attempt);
  }
  problems.push(...[...wrong].map(([problem, where]) => problem + where));
  if (problems.length > 0) throw new SpecError(problems);

  for (const file of new Set(specs.map(({ source }) => source?.file)))
    problems.push(
      ...trackProblems(
        candidates
          .filter(({ request }, place) => request.spec.source?.file === file && isOfficial(drafted[place]))
          .map(({ planned }) => planned),
      ),
    );
  if (problems.length > 0) throw new SpecError(problems);
  return drafts.map((entry) => {
    const own = candidates.filter((_, place) => drafted[place].entry === entry);
    const official = own.slice(0, entry.official);
    return {
      ...entry,
      candidates: official,
      trials: own.length > official.length ? own.slice(official.length) : official,
    };
  });
}

/** A run's specs: the official ones, then those of its trials, where these run on other data. */
type Draft = Omit<Entry, "candidates" | "trials"> & { readonly specs: readonly RunSpec[]; readonly official: number };

const isOfficial = ({ entry, i }: { readonly entry: Draft; readonly i: number }): boolean => i < entry.official;

/** Prepares a run: its specs, of which one will be official. Nothing where the run is wrong. */
function draft(spec: RunSpec, asked: readonly number[] | undefined, problems: string[]): Draft[] {
  const { name, protocol } = spec;
  const seeds = asked ?? spec.seeds;
  const tuning = protocol?.tuning;
  if (tuning?.protocol !== "search") return [{ name, seeds, specs: [spec], official: 1 }];
  const both = seeds.filter((seed) => tuning.seeds.includes(seed));
  if (both.length > 0)
    problems.push(
      `${name} is to run on seeds ${both.join(", ")}, on which its options are chosen, which would flatter it; use other seeds.`,
    );
  if (!Object.hasOwn(tuning.space, name)) return [{ name, seeds, specs: [spec], official: 1 }];
  try {
    const points = pointsOf(spec, tuning);
    const specs = points.map((point) => point.spec);
    const trials = hasOwnTrialData(spec) ? points.map(({ trial }) => trial) : [];
    return [{ name, seeds, tuning: { search: tuning, points }, specs: [...specs, ...trials], official: specs.length }];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    problems.push(...error.problems);
    return [];
  }
}

/** An executor may be on another machine, where no absolute path of this one means anything. */
function withRelativeSource(spec: RunSpec): RunSpec {
  const { source } = spec;
  return source ? { ...spec, source: { ...source, file: relative(process.cwd(), resolve(source.file)) } } : spec;
}

function nameProblems(specs: readonly RunSpec[]): string[] {
  const names = specs.map(({ name }) => name);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) < i));
  return [...twice].map((name) => `Two runs are called "${name}"; their results would share a folder. Rename one.`);
}

function listOptions(options: Options): string {
  return Object.entries(options)
    .map(([path, value]) => `${path} = ${JSON.stringify(value)}`)
    .join(", ");
}
