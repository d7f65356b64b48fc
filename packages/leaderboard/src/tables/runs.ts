import { isNumber } from "../percent.js";
import type { Predictions, Receipt, ReceiptPlugin, ReceiptSpec, Tuned } from "@everlearn/records";
import { canonical } from "../suites/canonical.js";
import { metricOf, rankedMetricOf } from "../result.js";
import type { Audited, CheckResult, Rerun } from "./evidence.js";
import { byText } from "./format.js";

/** The fields of a receipt that pages show. */
export interface CellSummary
  extends Pick<
    Receipt,
    "seed" | "cellId" | "metrics" | "chance" | "message" | "digest" | "commit" | "checksum" | "taskLabels" | "seconds"
  > {
  readonly status: string;
  /**
   * The accuracy with which the cell is ranked: see `rankedMetricOf`; of a cell that did not finish, that of guessing. Null
   * where it is not known.
   */
  readonly score: number | null;
  readonly learningAccuracy: number | null;
  readonly examples: number | null;
  readonly gradients: number | null;
  readonly bytes: number | null;
  readonly predictions: Omit<Predictions, "deflated"> | null;
  readonly plugins: Readonly<Record<string, ReceiptPlugin>> | null;
  readonly environment: Readonly<Record<string, string>>;
  /** R; null where it was not recorded, or is not a matrix of fractions. */
  readonly accuracy: Matrix | null;
  /** The tasks of each experience; null: one each, in order. */
  readonly tasks: readonly (readonly number[])[] | null;
  /** The classes of each task, and what they are called; null where that was not recorded. */
  readonly classes: TaskClasses | null;
  /** Evaluations during experiences: after so many examples, the accuracy of each task. */
  readonly intermediate: { readonly examples: readonly number[]; readonly accuracy: Matrix } | null;
  /** The last confusion matrix, each row as fractions of the examples whose right answer it is; null where there is none. */
  readonly confusion: Matrix | null;
  /** The linear probe's accuracies, experiences × tasks; null where there is none. */
  readonly probe: Matrix | null;
  /** The path of its receipt, as the caller gave it. */
  readonly receipt: string | null;
  /** What came out when another ran it again; null where nobody says. */
  readonly rerun: Rerun | null;
  /** What came out of an audit on secret data; null where nobody says. */
  readonly audited: Audited | null;
}

/** The classes of each task by their numbers, and what they are called, by number; no names where none were recorded. */
export interface TaskClasses {
  readonly tasks: readonly (readonly number[])[];
  readonly names: readonly string[];
}

/** A matrix of fractions in hundredths of a percent, row by row; −1 where there is none. */
export interface Matrix {
  readonly columns: number;
  readonly values: Int16Array | readonly number[];
}

/** The cells of one spec, which all say the same of what ran. */
export interface Run {
  readonly name: string;
  readonly specId: string;
  readonly spec: ReceiptSpec;
  readonly plugins: Readonly<Record<string, ReceiptPlugin>> | null;
  /** The data set's; null where it was not recorded. */
  readonly checksum: string | null;
  /** The hash of the suite's rules that it was run for; null where it was not recorded. */
  readonly suite: string | null;
  /** The seal of the trials by which its options were searched; null: it names none. */
  readonly tuning: string | null;
  /** These trials; null where they are not at hand. */
  readonly tuned: Tuned | null;
  /** The honesty checks of its spec. */
  readonly checks: readonly CheckResult[];
  /** Whether receipts from elsewhere say that something else came out of some of its cells. */
  readonly contested: boolean;
  /** The cells, by ascending seed. */
  readonly cells: readonly CellSummary[];
}

/** A receipt with its intermediate evaluations, which receipts call glances. */
type Seen = Receipt & {
  readonly glances?: readonly { readonly examples: number; readonly accuracy: readonly (number | null)[] }[];
};

export interface Runs {
  /** @throws RangeError where the run has a receipt of that seed already */
  add(receipt: Receipt): void;
  /** All runs, by name, then by specId. */
  all(): Run[];
}

/** Where a run's receipts and trials are found. */
export interface RunSources {
  /** The path of a receipt. */
  readonly receipt?: ((receipt: Receipt) => string | null | undefined) | undefined;
  /** Where a receipt came from, such as its folder: what contradicts each other there is never mixed. */
  readonly source?: ((receipt: Receipt) => string) | undefined;
  /** The trials with this seal. */
  readonly tuned?: ((seal: string) => Tuned | undefined) | undefined;
  /** The honesty checks of a spec. */
  readonly checks?: ((specId: string) => readonly CheckResult[]) | undefined;
  /** The new run of a receipt's cell, if somebody reports one. */
  readonly rerun?: ((receipt: Receipt) => Rerun | undefined) | undefined;
  /** What came out of an audit that a receipt's cell was part of, if somebody reports one. */
  readonly audited?: ((receipt: Receipt) => Audited | undefined) | undefined;
}

/**
 * What a receipt says of its run that decides where it stands. Receipts that differ in it are of different runs, whatever
 * their specId says, so that nobody changes what others' receipts say.
 */
function saidOf({ spec, plugins, checksum, suite, tuning }: Receipt): unknown {
  const { description: _, seeds: __, protocol = {}, ...said } = spec;
  return canonical([said, protocol.suite ?? null, protocol.budget ?? null, plugins, checksum, suite, tuning]);
}

/** Groups receipts by run, in little memory: about 2 kB for a receipt of 20 tasks. */
export function createRuns(sources: RunSources = {}): Runs {
  const runs = new Map<string, { run: Run; text: string; cells: Found[]; taken: Set<string> }>();
  const same = interning();
  return {
    add(receipt) {
      const { name, seed, specId, spec, suite = null, tuning = null, plugins = null, checksum = null } = receipt;
      const key = JSON.stringify([name, specId, saidOf(receipt)]);
      const text = JSON.stringify(spec);
      const known = runs.get(key);
      const cells = known?.cells ?? [];
      const taken = known?.taken ?? new Set<string>();
      const source = sources.source?.(receipt) ?? "";
      const place = JSON.stringify([seed, source]);
      if (taken.has(place))
        throw new RangeError(
          `"${name}" has two receipts of seed ${seed} and spec ${specId.slice(0, 12)}; give one for each cell.`,
        );
      taken.add(place);
      // They differ in nothing that matters here; the order of receipts must not choose.
      if (known === undefined || text < known.text) {
        const tuned = tuning === null ? null : (sources.tuned?.(tuning) ?? null);
        const checks = sources.checks?.(specId) ?? [];
        const run = {
          name,
          specId,
          spec,
          plugins,
          checksum,
          suite,
          tuning,
          tuned,
          checks,
          contested: false,
          cells: [],
        };
        runs.set(key, { run, text, cells, taken });
      }
      cells.push({ source, cell: cellOf(receipt, sources, same) });
    },
    all: () =>
      [...runs.values()]
        .flatMap(({ run, cells }) => uncontested(run, cells))
        .sort(
          (a, b) =>
            byText(a.name, b.name) ||
            byText(a.specId, b.specId) ||
            byText(canonical([a.spec, a.plugins, a.checksum]), canonical([b.spec, b.plugins, b.checksum])),
        ),
  };
}

/** A cell, and where its receipt came from. */
interface Found {
  readonly source: string;
  readonly cell: CellSummary;
}

/**
 * The run with each cell once. Where receipts of one cell say that different things came out, nobody knows whose are right:
 * each source's are a run of their own, so that none is mixed with another's.
 */
function uncontested(run: Run, found: readonly Found[]): Run[] {
  const bySeed = new Map<number, Found[]>();
  for (const one of found) bySeed.set(one.cell.seed, [...(bySeed.get(one.cell.seed) ?? []), one]);
  const contested = [...bySeed.values()].some((cells) => new Set(cells.map(outcomeOf)).size > 1);
  const sources = contested ? [...new Set(found.map(({ source }) => source))].sort(byText) : [null];
  return sources.map((source) => {
    const cells = [...bySeed.values()].flatMap((all) => {
      const own = all.filter((one) => source === null || one.source === source);
      return own.sort((a, b) => byText(a.source, b.source)).slice(0, 1);
    });
    return { ...run, contested, cells: cells.map(({ cell }) => cell).sort((a, b) => a.seed - b.seed) };
  });
}

/** What came out of a cell, without when, where and who says so. */
function outcomeOf({ cell }: Found, _place: number, { length }: readonly Found[]): string {
  if (length === 1) return "";
  const { receipt: _r, rerun: _a, audited: _d, environment: _e, seconds: _s, commit: _c, ...outcome } = cell;
  return canonical(outcome);
}

function cellOf(receipt: Seen, sources: RunSources, same: <T extends object>(value: T) => T): CellSummary {
  const { seed, cellId, status = "finished", metrics, predictions, plugins, environment, tasks, glances } = receipt;
  const { classes, classNames = [] } = receipt;
  const { message, chance, digest, commit, checksum, taskLabels, seconds, examples, gradients, bytes } = receipt;
  return {
    seed,
    cellId,
    status,
    metrics,
    seconds,
    ...(message === undefined ? {} : { message }),
    ...(chance === undefined ? {} : { chance }),
    ...(digest === undefined ? {} : { digest }),
    ...(commit === undefined ? {} : { commit }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(taskLabels === undefined ? {} : { taskLabels: same(taskLabels) }),
    score: number(metricOf(receipt, rankedMetricOf(receipt.spec))),
    learningAccuracy: number(metricOf(receipt, "learningAccuracy")),
    examples: number(examples),
    // Receipts of old have these among their metrics.
    gradients: number(gradients ?? metrics.exampleGradients),
    bytes: number(bytes ?? metrics.memoryBytes),
    predictions: predictions ? { count: predictions.count, sha256: predictions.sha256 } : null,
    plugins: plugins ? same(plugins) : null,
    environment: same(environment),
    accuracy: matrixOf(receipt.accuracy),
    tasks: tasks ? same(tasks) : null,
    classes: classes ? same({ tasks: classes, names: classNames }) : null,
    intermediate: evaluationsOf(glances),
    probe: matrixOf(receipt.probe),
    confusion: matrixOf(shares(receipt.confusion?.at(-1))),
    receipt: sources.receipt?.(receipt) ?? null,
    rerun: sources.rerun?.(receipt) ?? null,
    audited: sources.audited?.(receipt) ?? null,
  };
}

function number(value: number | null | undefined): number | null {
  return isNumber(value) ? value : null;
}

function evaluationsOf(glances: Seen["glances"] = []): CellSummary["intermediate"] {
  const accuracy = matrixOf(glances.map(({ accuracy }) => accuracy));
  return accuracy && { accuracy, examples: glances.map(({ examples }) => examples) };
}

/** The rows of counts as fractions of their sums; nulls where there is nothing. */
export function shares(counts: NonNullable<Receipt["confusion"]>[number] | undefined): (number | null)[][] | undefined {
  return counts?.map((row) => {
    const sum = row.reduce((total, count) => total + count, 0);
    return row.map((count) => (sum > 0 ? count / sum : null));
  });
}

/**
 * Stores a matrix in two bytes an entry. What is no matrix of fractions becomes null, so that other receipts can still
 * be shown.
 */
function matrixOf(rows: Receipt["accuracy"] | undefined): Matrix | null {
  const columns = rows?.[0]?.length ?? 0;
  if (!rows || columns === 0 || rows.some((row) => row?.length !== columns)) return null;
  const values = new Int16Array(rows.length * columns);
  for (let i = 0, at = 0; i < rows.length; i++)
    for (const value of rows[i]) {
      if (!isNumber(value)) values[at++] = -1;
      else if (value >= 0 && value <= 1) values[at++] = Math.round(1e4 * value);
      else return null;
    }
  return { columns, values };
}

/** Replaces each value by the first equal one, which saves memory: most receipts of a run differ in little. */
function interning(): <T extends object>(value: T) => T {
  const known = new Map<string, object>();
  return <T extends object>(value: T) => {
    const text = JSON.stringify(value);
    const first = known.get(text) ?? value;
    known.set(text, first);
    return first as T;
  };
}

/** The rows of a matrix as fractions, NaN where there is none. */
export function rowsOf({ columns, values }: Matrix): number[][] {
  const rows: number[][] = [];
  for (let from = 0; from < values.length; from += columns) {
    const row: number[] = [];
    for (let at = from; at < from + columns; at++) row.push(values[at] < 0 ? Number.NaN : values[at] / 1e4);
    rows.push(row);
  }
  return rows;
}
