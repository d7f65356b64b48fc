import { formatPercent, type MetricSummary, type RunResult, ranking, summary } from "@everlearn/leaderboard";
import Table from "cli-table3";
import { out } from "./color.js";

// A line under the titles and none elsewhere.
const chars = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};
const tested = [
  ["RA", "retained accuracy", "retainedAccuracy"],
  ["LA", "learning accuracy", "learningAccuracy"],
  ["BTI", "= RA − LA", "backwardTransferAndInterference"],
  ["FWT", "forward transfer", "forwardTransfer"],
] as const;
const prequential = ["prequential", "each example asked about before it is taught", "prequentialAccuracy"] as const;

const style = { head: [], border: [], "padding-left": 0, "padding-right": 0 };

/** Mean ± standard deviation over seeds of each run's metrics, and the order they give. */
export function summaryTable(results: readonly RunResult[]): string {
  const rows = summary(results);
  const before = rows.some(({ prequentialAccuracy }) => prequentialAccuracy.mean !== null);
  const after = rows.some(({ retainedAccuracy }) => retainedAccuracy.mean !== null);
  const columns = [...(before ? [prequential] : []), ...(after || !before ? tested : [])];
  const table = new Table({
    head: ["", "seeds", ...columns.map(([title]) => title)].map((title) => out.bold(title)),
    colAligns: ["left", "right", ...columns.map(() => "right" as const)],
    chars,
    style,
  });
  for (const row of rows) table.push([row.name, row.n, ...columns.map(([, , metric]) => cell(row[metric]))]);
  const legend = `${columns.map(([title, said]) => `${title} ${said}`).join(", ")}; % mean ± standard deviation.`;
  return `${table.toString()}\n\n${out.dim(legend)}\n${ranking(rows)}`;
}

function cell({ mean, standardDeviation }: MetricSummary): string {
  return standardDeviation === null
    ? formatPercent(mean)
    : `${formatPercent(mean)} ± ${formatPercent(standardDeviation)}`;
}

/**
 * Rows of text under bold titles, as wide as the terminal.
 * @param widths of the columns; the one that is 0 takes what the others leave
 */
export function textTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const gaps = 2 * (widths.length - 1);
  const rest = Math.max(24, (process.stdout.columns ?? 100) - gaps - widths.reduce((sum, width) => sum + width, 0));
  const table = new Table({
    head: titles.map((title) => out.bold(title)),
    colWidths: widths.map((width) => width || rest),
    wordWrap: true,
    chars,
    style,
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
