import { isNumber } from "../percent.js";
import type { Receipt, ReceiptPlugin, Predictions, ReceiptSpec } from "@everlearn/records";
import { metricOf } from "../result.js";
import { byText } from "./format.js";

/** A receipt without what pages do not show; its numbers as it gave them. */
export interface CellSummary
  extends Pick<
    Receipt,
    "seed" | "cellId" | "metrics" | "chance" | "message" | "digest" | "commit" | "checksum" | "taskLabels" | "seconds"
  > {
  readonly status: string;
  /** As it counts: of a cell that is not finished, that of guessing. Null where it is not known. */
  readonly retainedAccuracy: number | null;
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
  /** Evaluations during experiences: after so many examples, the accuracy of each task. */
  readonly glances: { readonly examples: readonly number[]; readonly accuracy: Matrix } | null;
  /** Where its receipt lies, as the caller said. */
  readonly receipt: string | null;
}

/** A matrix of fractions in hundredths of a percent, row by row; −1 where there is none. */
export interface Matrix {
  readonly columns: number;
  readonly values: Int16Array | readonly number[];
}

/** The cells of one spec. */
export interface Run {
  readonly name: string;
  readonly specId: string;
  readonly spec: ReceiptSpec;
  /** By seed, ascending. */
  readonly cells: readonly CellSummary[];
}

/** What an evaluation within an experience says; receipts of runs that glance have them. */
type Seen = Receipt & {
  readonly glances?: readonly { readonly examples: number; readonly accuracy: readonly (number | null)[] }[];
};

export interface Runs {
  /** @throws RangeError where the run has a receipt of that seed already */
  add(receipt: Receipt): void;
  /** By name, then by specId. */
  all(): Run[];
}

/** Gathers receipts by what ran, in little memory: about 2 kB a receipt of 20 tasks. */
export function createRuns(receiptOf: (receipt: Receipt) => string | null | undefined = () => null): Runs {
  const runs = new Map<string, { run: Run; text: string; cells: Map<number, CellSummary> }>();
  const same = interning();
  return {
    add(receipt) {
      const { name, seed, specId, spec } = receipt;
      const key = JSON.stringify([name, specId]);
      const text = JSON.stringify(spec);
      const known = runs.get(key);
      const cells = known?.cells ?? new Map<number, CellSummary>();
      if (cells.has(seed))
        throw new RangeError(
          `"${name}" has two receipts of seed ${seed} and spec ${specId.slice(0, 12)}; give one for each cell.`,
        );
      // Equal ids have equal specs; where somebody's do not, the order of receipts must not choose.
      if (known === undefined || text < known.text)
        runs.set(key, { run: { name, specId, spec, cells: [] }, text, cells });
      cells.set(seed, cellOf(receipt, receiptOf(receipt) ?? null, same));
    },
    all: () =>
      Array.from(runs.values(), ({ run, cells }) => ({
        ...run,
        cells: [...cells.values()].sort((a, b) => a.seed - b.seed),
      })).sort((a, b) => byText(a.name, b.name) || byText(a.specId, b.specId)),
  };
}

function cellOf(receipt: Seen, link: string | null, same: <T extends object>(value: T) => T): CellSummary {
  const { seed, cellId, status = "finished", metrics, predictions, plugins, environment, tasks, glances } = receipt;
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
    retainedAccuracy: number(metricOf(receipt, "retainedAccuracy")),
    learningAccuracy: number(metricOf(receipt, "learningAccuracy")),
    examples: number(examples),
    // Receipts of old have these among their metrics.
    gradients: number(gradients ?? metrics.exampleGradients),
    bytes: number(bytes ?? metrics.memoryBytes),
    predictions: predictions ? { count: predictions.count, sha256: predictions.sha256 } : null,
    plugins: plugins ? same(plugins) : null,
    environment: same(environment),
    accuracy: packed(receipt.accuracy),
    tasks: tasks ? same(tasks) : null,
    glances: packedGlances(glances),
    receipt: link,
  };
}

function number(value: number | null | undefined): number | null {
  return isNumber(value) ? value : null;
}

function packedGlances(glances: Seen["glances"] = []): CellSummary["glances"] {
  const accuracy = packed(glances.map((glance) => glance.accuracy));
  return accuracy && { accuracy, examples: glances.map(({ examples }) => examples) };
}

/** In two bytes an entry. What is no matrix of fractions shows nothing, rather than keep all others from being shown. */
function packed(rows: Receipt["accuracy"] | undefined): Matrix | null {
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

/** Of values that say the same, always the first: most receipts of a run differ in little. */
function interning(): <T extends object>(value: T) => T {
  const known = new Map<string, object>();
  return <T extends object>(value: T) => {
    const text = JSON.stringify(value);
    const first = known.get(text) ?? value;
    known.set(text, first);
    return first as T;
  };
}

/** Its rows as fractions, NaN where there is none. */
export function rowsOf({ columns, values }: Matrix): number[][] {
  const rows: number[][] = [];
  for (let from = 0; from < values.length; from += columns) {
    const row: number[] = [];
    for (let at = from; at < from + columns; at++) row.push(values[at] < 0 ? Number.NaN : values[at] / 1e4);
    rows.push(row);
  }
  return rows;
}
