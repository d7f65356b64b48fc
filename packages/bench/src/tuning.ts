import { officialRun, type RunSpec, type Search, trialRun, usualNetwork, writtenRun } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import { random } from "@everlearn/random";
import { type Result, seal, type Sealed, type Tuned } from "@everlearn/records";
import { scoreOf } from "./score.js";

/** Options by their paths, such as "learner/alpha". */
export type Options = Readonly<Record<string, unknown>>;

/** One point of a run's search space. */
export interface Point {
  /** A folder's name that depends on the options alone. */
  readonly id: string;
  readonly options: Options;
  /** The run with these options. */
  readonly spec: RunSpec;
  /** The same on the data of trials. */
  readonly trial: RunSpec;
}

/** The most points that are tried for a run. */
const MOST = 10_000;
/** The paths of options, such as "learner/alpha". */
const place =
  /^((?:dataset|stream|scenario|network|optimizer|augmentation\/\d+|learner|buffer)(?:\/of)*)\/(?!(?:use|of|__proto__)$)([^/]+)$/;

/** The number of points of a run's space. */
function sizeOf(space: Readonly<Record<string, readonly unknown[]>>): number {
  return Object.values(space).reduce((product, values) => product * values.length, 1);
}

/**
 * The points that are tried for a run, in the order of the space, the last option changing fastest: all, or as many as
 * there are to be trials, drawn without replacement by a generator named after the run.
 * @throws SpecError where a path leads to no option
 */
export function pointsOf(run: RunSpec, { trials, space }: Search): Point[] {
  const own = space[run.name];
  const where = `${run.source ? `${run.source.file}: ` : ""}/protocol/tuning/space/${run.name}`;
  const size = sizeOf(own);
  const count = Math.min(trials, size);
  if (count > MOST)
    throw new SpecError(`${where} has ${size} points, of which at most ${MOST} can be tried; give fewer trials.`);
  const axes = Object.entries(own);
  const places = count < size ? drawn(count, axes, run.name) : range(size).map((i) => digitsOf(i, axes));
  return places.map((digits) => {
    const options = Object.fromEntries(axes.map(([path, values], axis) => [path, values[digits[axis]]]));
    const written = withOptions(writtenRun(run), options, where);
    return { id: digest(options).slice(0, 12), options, spec: officialRun(written), trial: trialRun(written) };
  });
}

type Axes = readonly (readonly [path: string, values: readonly unknown[]])[];

/** The i-th point, as a place on each axis. */
function digitsOf(i: number, axes: Axes): number[] {
  const digits: number[] = [];
  for (const [, { length }] of axes.toReversed()) {
    digits.unshift(i % length);
    i = Math.floor(i / length);
  }
  return digits;
}

/** Draws points at random, in time and memory that depend on their number only, not on the size of the space. */
function drawn(count: number, axes: Axes, name: string): number[][] {
  const generator = random(0, `tuning/${name}`);
  const found = new Map<string, number[]>();
  while (found.size < count) {
    const digits = axes.map(([, { length }]) => generator.integer(length));
    found.set(digits.join(), digits);
  }
  return [...found.values()].sort((a, b) => a[firstDifference(a, b)] - b[firstDifference(a, b)]);
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  return a.findIndex((digit, axis) => digit !== b[axis]);
}

function withOptions(run: RunSpec, options: Options, where: string): RunSpec {
  const { source, ...plain } = run;
  const usesNetwork = Object.keys(options).some((path) => path.startsWith("network/"));
  const spec = structuredClone({ ...(usesNetwork && { network: usualNetwork }), ...plain }) as RunSpec;
  for (const [path, value] of Object.entries(options)) {
    const [, part, option] = place.exec(path) ?? [];
    if (part === undefined)
      throw new SpecError(`${where}/${path} leads to no option; write a part and its option, such as "learner/alpha".`);
    let choice: Record<string, unknown> | undefined = { ...spec };
    for (const step of part.split("/")) choice = choice?.[step] as Record<string, unknown> | undefined;
    if (!choice) throw new SpecError(`${where}/${path}: the run has no ${part}; give it one, or remove this.`);
    choice[option] = value;
  }
  return source ? { ...spec, source } : spec;
}

/**
 * Chooses, and seals with the trials, the options whose score (the accuracy by which runs are ranked) is the highest in the
 * mean over the tuning seeds. `results` are by point, then by seed.
 */
export function chooseOptions(
  points: readonly (Pick<Point, "id" | "options"> & { readonly specId: string; readonly trialSpecId: string })[],
  results: readonly (readonly Pick<Result, "status" | "metrics" | "chance" | "digest">[])[],
  { name, search }: { readonly name: string; readonly search: Search },
): Sealed<Tuned> {
  const tried = points.map(({ id, options, specId, trialSpecId }, i) => {
    const retainedAccuracy = results[i].map((result) => scoreOf(result) ?? 0);
    const mean = retainedAccuracy.reduce((sum, a) => sum + a, 0) / retainedAccuracy.length;
    const trials = search.seeds.map((seed, k) => ({
      cellId: digest({ specId: trialSpecId, seed }),
      digest: results[i][k].digest ?? null,
    }));
    const other = trialSpecId === specId ? {} : { trialSpecId };
    return { id, options, specId, ...other, retainedAccuracy, mean, trials };
  });
  const best = tried.reduce((best, { mean }, i) => (mean > tried[best].mean ? i : best), 0);
  return seal({ run: name, seeds: search.seeds, space: sizeOf(search.space[name]), points: tried, chosen: best });
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
