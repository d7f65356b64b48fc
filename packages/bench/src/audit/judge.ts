import type { AuditEntry, AuditReport } from "@everlearn/records";
import { vouchedHash } from "@everlearn/records";
import type { AuditedCell, Measure } from "./submission.js";

/** How many standard errors chance is given: honest learners exceed them once in some seven hundred submissions. */
const DEVIATIONS = 3;
/** An audit that cannot rule out an advantage of this size says nothing in anybody's favour. */
const COARSE = 0.1;

/** A submission's means over its cells. */
interface Summary {
  readonly name: string;
  readonly specId: string | null;
  readonly reference: boolean;
  readonly conditions: string | null;
  readonly cells: readonly AuditedCell[];
  readonly declared: number | null;
  readonly rerun: number | null;
  readonly secret: number | null;
  /** What it loses on secret data; null where one of the two is missing. */
  readonly gap: number | null;
  /** The variance of that by chance: of the test examples that were drawn, and of seeds. */
  readonly variance: number;
  /** Whether on secret data it does better than guessing, beyond chance. */
  readonly learned: boolean;
}

/**
 * Judges submissions by what they lose on secret data, beside what references lose that ran under the same conditions: data
 * sets differ in how hard they are, and references tell by how much. A submission *falls* if it loses more than the reference
 * that loses most, by more than three standard errors, and *holds* if it does not. The error counts that each data set has
 * but so many test examples, and that there are but so many seeds. It is *unclear* where nothing can be compared, where no
 * reference learned anything from the secret data, and where an unfair advantage of ten points cannot be ruled out.
 */
export function judge(commitment: string, cells: readonly AuditedCell[]): AuditReport {
  const groups = new Map<string, AuditedCell[]>();
  for (const cell of cells) {
    const { run, where, reference, receipt } = cell.submission;
    const key = JSON.stringify([run.name, cell.specId ?? where, reference, receipt === undefined]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const all = [...groups.values()].map(summaryOf);
  const references = all.filter(({ reference }) => reference);
  return { commitment, submissions: all.map((one) => entryOf(one, references)) };
}

function summaryOf(cells: readonly AuditedCell[]): Summary {
  const [{ submission, specId, conditions }] = cells;
  const publicly = cells.map(({ rerun, declared }) => rerun?.measure ?? declared);
  const hidden = cells.map(({ secret }) => secret);
  const gaps = cells.flatMap((_, i) => {
    const [before, after] = [publicly[i], hidden[i]];
    return before && after ? [before.score - after.score] : [];
  });
  const whole = gaps.length === cells.length;
  const secret = meanOf(hidden);
  const chance = meanOf(hidden.map((one) => one && { ...one, score: one.chance })) ?? 0;
  const error = Math.sqrt(samplingVariance(chance, hidden));
  return {
    ...{ name: submission.run.name, specId, conditions, cells, reference: submission.reference },
    declared: meanOf(cells.map(({ declared }) => declared)),
    rerun: meanOf(cells.map(({ rerun }) => rerun?.measure ?? null)),
    secret,
    gap: whole ? average(gaps) : null,
    variance:
      samplingVariance(meanOf(publicly) ?? 0, publicly.some((one) => one?.questions) ? publicly : hidden) +
      samplingVariance(secret ?? 0, hidden) +
      seedVariance(gaps),
    learned: secret !== null && secret > chance + DEVIATIONS * error,
  };
}

/** The variance of an accuracy over test examples that were drawn at random, which all seeds share. */
function samplingVariance(accuracy: number, measures: readonly (Measure | null)[]): number {
  const questions = measures.flatMap((one) => (one?.questions ? [one.questions] : []));
  return questions.length === 0 ? 0.25 : (accuracy * (1 - accuracy)) / Math.min(...questions);
}

/** The variance of a mean over seeds. */
function seedVariance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = average(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length;
}

function entryOf(one: Summary, references: readonly Summary[]): AuditEntry {
  const fair = references.filter(({ gap, conditions }) => gap !== null && conditions === one.conditions);
  const worst = fair.reduce<Summary | null>(
    (most, next) => ((next.gap ?? 0) > (most?.gap ?? -Infinity) ? next : most),
    null,
  );
  const excess = one.gap === null || worst?.gap == null ? null : one.gap - worst.gap;
  const noise = worst === null ? null : DEVIATIONS * Math.sqrt(one.variance + worst.variance);
  const { name, specId, reference, declared, rerun, secret, gap } = one;
  return {
    ...{ name, specId, reference, declared, rerun, secret, gap, excess, noise },
    ...verdict(one, fair, { worst, excess, noise }),
    cells: one.cells.map((cell) => ({
      seed: cell.submission.seed,
      vouched: cell.submission.receipt ? vouchedHash(cell.submission.receipt) : null,
      declared: cell.declared?.score ?? null,
      rerun: cell.rerun?.measure?.score ?? null,
      secret: cell.secret?.score ?? null,
      digest: cell.secret?.digest ?? null,
      problems: [...(cell.rerun?.differences ?? []), ...cell.problems],
    })),
  };
}

interface Compared {
  readonly worst: Summary | null;
  readonly excess: number | null;
  readonly noise: number | null;
}

function verdict(
  one: Summary,
  fair: readonly Summary[],
  { worst, excess, noise }: Compared,
): Pick<AuditEntry, "judgement" | "why"> {
  const unclear = (why: string) => ({ judgement: "unclear" as const, why });
  if (one.gap === null) return unclear("It has no numbers on both data sets, so that nothing can be said.");
  const loses = `${unequal(one)}On secret data it ${lossOf(one.gap)}`;
  if (one.reference) return unclear(`${loses}; it is a reference, with which others are compared.`);
  if (worst === null || excess === null || noise === null)
    return unclear(
      `${loses}; no reference ran on the same data set, stream, scenario and evaluation, so that nobody can say whether that is much.`,
    );
  const beside = `the reference ${worst.name}, which loses most, ${lossOf(worst.gap ?? 0)}`;
  if (!fair.some(({ learned }) => learned))
    return unclear(`${loses}, but no reference does better than guessing there: the secret data teach too little.`);
  if (excess > noise)
    return {
      judgement: "falls",
      why: `${loses}; ${beside}. That is ${points(excess)} more, of which chance explains ${points(noise)}.`,
    };
  const hidden = Math.max(0, excess + noise);
  if (hidden > COARSE)
    return unclear(
      `${loses}; ${beside}. An unfair advantage of up to ${points(hidden)} cannot be ruled out: use more test examples, or more seeds.`,
    );
  return {
    judgement: "holds",
    why: `${loses}; ${beside}. An unfair advantage of more than ${points(hidden)} is ruled out.`,
  };
}

/** A sentence where the two data sets teach another number of examples, as references learn from them, too. */
function unequal({ cells }: Summary): string {
  for (const { declared, rerun, secret } of cells) {
    const [before, after] = [(rerun?.measure ?? declared)?.examples, secret?.examples];
    if (before != null && after != null && before !== after)
      return `It learned from ${after} secret examples, and from ${before} of its own. `;
  }
  return "";
}

const points = (fraction: number): string => `${(100 * fraction).toFixed(1)} points`;
const lossOf = (gap: number): string => (gap < 0 ? `gains ${points(-gap)}` : `loses ${points(gap)}`);

/** Of equal values it is that value, bit for bit. */
const average = (values: readonly number[]): number =>
  values[0] + values.reduce((sum, value) => sum + (value - values[0]), 0) / values.length;

/** The mean; null as soon as one is missing. */
function meanOf(measures: readonly (Measure | null)[]): number | null {
  const values = measures.flatMap((one) => (one ? [one.score] : []));
  return values.length === measures.length && values.length > 0 ? average(values) : null;
}
