import type { Search, Tuned } from "@everlearn/records";
import { isNumber } from "../percent.js";
import { ranges } from "../tables/format.js";
import type { Run } from "../tables/runs.js";
import { canonical } from "./canonical.js";
import { conditionsOf, partDifferences, partOf, shown } from "./conditions.js";
import type { DefinedRun } from "./definition.js";
import type { SuiteRules } from "./setting-rules.js";

/** Lists why a run was not tuned as its suite demands; nothing where the suite demands no search. */
export function searchProblems(run: Run, { protocol, definition }: SuiteRules): string[] {
  const { tuning } = protocol;
  if (tuning?.protocol !== "search") return [];
  const mine = definition?.runs.find(({ spec }) => spec.name === run.name);
  const found = definition && !mine ? ["the suite states no space for it"] : proofProblems(run, tuning, mine);
  return found.map((problem) => `Not tuned as the suite demands: ${problem}.`);
}

function proofProblems(run: Run, search: Search, defined: DefinedRun | undefined): string[] {
  const isSearched = defined ? defined.points !== null : Object.hasOwn(search.space, run.name);
  if (!isSearched) return defined ? fixedProblems(run, defined) : [];
  const { tuned } = run;
  if (tuned === null)
    return [
      run.tuning === null
        ? "it comes without the sealed trials of a search"
        : `its trials, sealed as ${run.tuning.slice(0, 12)}, are not here`,
    ];
  const official = run.cells.map(({ seed }) => seed).filter((seed) => search.seeds.includes(seed));
  return [
    ...(tuned.run === run.name ? [] : [`its trials are those of the run ${shown(tuned.run)}`]),
    ...(canonical(tuned.seeds) === canonical(search.seeds)
      ? []
      : [`its trials ran on seeds ${ranges(tuned.seeds)}, not on ${ranges(search.seeds)}`]),
    ...(official.length === 0 ? [] : [`it was tuned on official seeds, ${ranges(official)}`]),
    ...pointProblems(tuned, search, run.name, defined),
    ...choiceProblems(run, tuned, search),
  ];
}

/** The suite leaves such a run's options as they are. */
function fixedProblems(run: Run, defined: DefinedRun): string[] {
  const [mine, theirs] = [conditionsOf(run), conditionsOf(defined)];
  const parts = [
    ["learner", partOf(run, "learner", run.spec.learner), partOf(defined, "learner", defined.spec.learner)],
    ["buffer", partOf(run, "buffer", run.spec.buffer), partOf(defined, "buffer", defined.spec.buffer)],
    ["network", mine.network, theirs.network],
    ["optimizer", mine.optimizer, theirs.optimizer],
    ["augmentation", mine.augmentation, theirs.augmentation],
  ] as const;
  return parts.flatMap(([noun, a, b]) =>
    partDifferences(a, b).map(
      (difference) => `the suite searches nothing for it, but its ${noun} differs: ${difference}`,
    ),
  );
}

/** What is wrong with the points that were tried. */
function pointProblems({ points }: Tuned, search: Search, name: string, defined: DefinedRun | undefined): string[] {
  const tried = points.map(({ options }) => canonical(options));
  if (new Set(tried).size < tried.length) return ["a point of its search is there twice"];
  if (defined?.points) {
    const demanded = new Set(defined.points.map(canonical));
    const missing = [...demanded].filter((point) => !tried.includes(point)).length;
    const strange = tried.filter((point) => !demanded.has(point)).length;
    return [
      ...(missing > 0 ? [`${missing} of the ${demanded.size} points that the suite demands were not tried`] : []),
      ...(strange > 0 ? [`${strange} of its points are not the suite's`] : []),
    ];
  }
  const space = search.space[name];
  const size = Object.values(space).reduce((product, values) => product * values.length, 1);
  const count = Math.min(size, search.trials);
  const strange = points.filter(
    ({ options }) =>
      canonical(Object.keys(options).sort()) !== canonical(Object.keys(space).sort()) ||
      Object.entries(options).some(([path, value]) => !space[path].map(canonical).includes(canonical(value))),
  );
  return [
    ...(points.length === count ? [] : [`${points.length} points were tried, not ${count}`]),
    ...(strange.length === 0 ? [] : [`${strange.length} of its points are not in the space`]),
  ];
}

/** What is wrong with the trials' numbers and with the choice. */
function choiceProblems(run: Run, { points, chosen, seeds }: Tuned, search: Search): string[] {
  const damaged = points.filter(
    ({ retainedAccuracy, trials = [], mean }) =>
      retainedAccuracy.length !== seeds.length ||
      trials.length !== seeds.length ||
      !retainedAccuracy.every((value) => isNumber(value) && value >= 0 && value <= 1) ||
      Math.abs(mean - retainedAccuracy.reduce((sum, value) => sum + value, 0) / seeds.length) > 1e-12,
  );
  if (damaged.length > 0) return [`${damaged.length} of its points have no trial for each seed, or another mean`];
  const best = points.reduce((best, { mean }, i) => (mean > points[best].mean ? i : best), 0);
  const choice = points.at(chosen);
  if (chosen !== best || choice === undefined) return ["its point is not the best of its trials"];
  const hasOwnData = search.validation !== undefined || search.firstTasks !== undefined;
  // Where trials have the first tasks, the official stream is made of the one that the paths lead into.
  const place = (path: string) => (search.firstTasks === undefined ? path : path.replace(/^stream\//, "stream/of/"));
  const other = Object.entries(choice.options).filter(
    ([path, value]) => canonical(optionAt(run.spec, place(path))) !== canonical(value),
  );
  return [
    ...(choice.specId === run.specId ? [] : ["its spec is not that of the best trials"]),
    ...(hasOwnData && points.some(({ specId, trialSpecId = specId }) => specId === trialSpecId)
      ? ["its trials ran on the official data"]
      : []),
    ...other.map(
      ([path, value]) => `${path} is ${shown(optionAt(run.spec, place(path)))}, not ${shown(value)}, the best`,
    ),
  ];
}

function optionAt(spec: object, path: string): unknown {
  let at: unknown = spec;
  for (const step of path.split("/")) at = (at as Readonly<Record<string, unknown>> | null | undefined)?.[step];
  return at;
}
