import type { Budget, Protocol } from "@everlearn/records";
import { duration, quantity, ranges } from "../tables/format.js";
import type { Run } from "../tables/runs.js";
import { canonical } from "./canonical.js";
import { type Conditions, conditionsOf, partDifferences, partOf, shown } from "./conditions.js";
import type { SettingRules, SuiteRules } from "./setting-rules.js";
import { searchProblems } from "./search.js";

/** The fields that make runs comparable, with their names in sentences. */
const shared = { dataset: "data set", stream: "stream", scenario: "scenario" } as const;
const closed = { network: "network", optimizer: "optimizer" } as const;

/** Lists, a sentence each, why a run is not comparable with those of a setting. */
export function differences(run: Run, rules: SettingRules, suite: SuiteRules): string[] {
  return [
    ...conditionProblems(run, rules, suite),
    ...capacityProblems(run, rules),
    ...seedProblems(run, rules),
    ...budgetProblems(run, suite.protocol.budget),
    ...searchProblems(run, suite),
  ];
}

/** The differences from the conditions that are nearest: the usual ones, or others that the suite grants the learner. */
function conditionProblems(run: Run, rules: SettingRules, { protocol }: SuiteRules): string[] {
  const mine = conditionsOf(run);
  const learner = partOf(run, "learner", run.spec.learner);
  const granted = rules.exceptions.filter(
    (exception) => partDifferences(bare(learner), bare(exception.learner)).length === 0,
  );
  const isClosed = protocol.track === "closed";
  const among = [rules.usual, ...granted.map(({ conditions }) => conditions)].map((conditions) =>
    conditionDifferences(mine, conditions, rules, isClosed),
  );
  return among.reduce((best, other) => (other.length < best.length ? other : best));
}

/** A part as its plugin alone. */
function bare(part: ReturnType<typeof partOf>): ReturnType<typeof partOf> {
  return part && { ...part, options: {}, of: null };
}

function conditionDifferences(mine: Conditions, theirs: Conditions, rules: SettingRules, isClosed: boolean): string[] {
  const problems: string[] = [];
  const say = (noun: string, found: readonly string[]) =>
    problems.push(...found.map((difference) => `Another ${noun}: ${difference}.`));
  for (const [field, noun] of Object.entries(shared) as [keyof typeof shared, string][]) {
    const allowed = field === "scenario" ? [theirs.scenario, ...rules.scenarios] : [theirs[field]];
    const found = allowed.map((part) => partDifferences(mine[field], part));
    if (found.every(({ length }) => length > 0)) say(noun, found[0]);
  }
  if (theirs.checksum !== null && mine.checksum !== theirs.checksum)
    say("data set", [
      `its checksum is ${mine.checksum?.slice(0, 12) ?? "not stated"}, not ${theirs.checksum.slice(0, 12)}`,
    ]);
  if (canonical(mine.evaluation) !== canonical(theirs.evaluation))
    say("evaluation", [`it is ${shown(mine.evaluation)}, not ${shown(theirs.evaluation)}`]);
  if (!isClosed) return problems;
  // A learner that trains no network has none, and no optimizer.
  if (mine.network !== null)
    for (const [field, noun] of Object.entries(closed) as [keyof typeof closed, string][])
      say(noun, partDifferences(mine[field], theirs[field]));
  say("augmentation", partDifferences(mine.augmentation, theirs.augmentation));
  if (mine.batchSize !== theirs.batchSize)
    say("batch size", [`it is ${shown(mine.batchSize)}, not ${shown(theirs.batchSize)}`]);
  return problems;
}

function capacityProblems({ spec }: Run, { capacity }: SettingRules): string[] {
  const mine = spec.buffer?.capacity;
  if (capacity === null || spec.buffer === undefined || spec.buffer === null || mine === capacity) return [];
  if (mine === undefined) return [`Another memory: its buffer does not say that it holds ${capacity} examples.`];
  return [`Another memory: its buffer holds ${mine} examples, not ${capacity}.`];
}

function seedProblems({ cells }: Run, { seeds }: SettingRules): string[] {
  if (seeds === null || cells.some(({ seed }) => seeds.includes(seed))) return [];
  return [`Other seeds: it ran on ${ranges(cells.map(({ seed }) => seed))}, not on ${ranges(seeds)}.`];
}

/** What cells used, where it is more than the suite grants; that of a cell which a budget ended is no advantage. */
function budgetProblems({ cells, spec }: Run, budget: Budget = {}): string[] {
  const own = spec.protocol?.budget ?? {};
  const limits = [
    ["gradientsPerExample", "gradients an example", (cell: Run["cells"][number]) => perExample(cell), quantity],
    ["bytes", "bytes", (cell: Run["cells"][number]) => cell.bytes, quantity],
    ["seconds", "of work", (cell: Run["cells"][number]) => cell.seconds, duration],
  ] as const;
  return limits.flatMap(([limit, unit, used, text]) => {
    const most = budget[limit];
    if (most === undefined) return [];
    const ended = (own[limit] ?? Infinity) <= most;
    const counted = cells.filter(({ status }) => !(status === "over-budget" && ended));
    const unknown = counted.filter((cell) => used(cell) === null);
    const over = counted.filter((cell) => (used(cell) ?? 0) > most);
    return [
      ...unknown.slice(0, 1).map(({ seed }) => `Seed ${seed} does not say what it used of ${text(most)} ${unit}.`),
      ...over
        .slice(0, 1)
        .map((cell) => `Over the budget: seed ${cell.seed} used ${text(used(cell))} of ${text(most)} ${unit}.`),
    ];
  });
}

function perExample({ gradients, examples }: Run["cells"][number]): number | null {
  return gradients === null || examples === null || examples === 0 ? null : gradients / examples;
}

/** Lists what a run's receipts say otherwise than the suite, without an effect on what is compared. */
export function notesOf(run: Run, { protocol, definition }: SuiteRules, rules: SettingRules | undefined): string[] {
  const own: Protocol = run.spec.protocol ?? {};
  const fields = ["title", "track", "minimumEffect", "checksum", "budget", "tuning"] as const;
  const other = fields.filter(
    (field) =>
      canonical(own[field] ?? null) !== canonical(protocol[field] ?? null) &&
      // Rules that were added later are not in receipts of before.
      !(field === "checksum" && own.checksum === undefined),
  );
  const extra = rules?.seeds ? run.cells.filter(({ seed }) => !rules.seeds?.includes(seed)).length : 0;
  return [
    ...(run.contested
      ? ["Receipts from elsewhere say that something else came out of its cells; a re-run tells who is right."]
      : []),
    ...(other.length > 0 ? [`Its receipts state another ${other.join(", ")} than the suite; the suite's counts.`] : []),
    ...(definition && run.suite !== null && run.suite !== definition.id
      ? [
          `It was run under rules of the suite with the hash ${run.suite.slice(0, 12)}, not ${definition.id.slice(0, 12)}.`,
        ]
      : []),
    ...(extra > 0 && extra < run.cells.length ? [`${extra} of its cells ran on other seeds and do not count.`] : []),
  ];
}
