import { formatPercent, type MetricSummary, type RunResult, ranking, summary } from "@everlearn/leaderboard";
import Table from "cli-table3";
import { out } from "./color.js";

// A line under the titles and none elsewhere.
const chars = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};
const style = { head: [], border: [], "padding-left": 0, "padding-right": 0 };

/** Mean ± standard deviation over seeds of each run's metrics, and the order they give. */
export function summaryTable(results: readonly RunResult[]): string {
  const rows = summary(results);
  const table = new Table({
    head: ["", "seeds", "RA", "LA", "BTI", "FWT"].map((title) => out.bold(title)),
    colAligns: ["left", "right", "right", "right", "right", "right"],
    chars,
    style,
  });
  for (const row of rows)
    table.push([
      row.name,
      row.n,
      cell(row.retainedAccuracy),
      cell(row.learningAccuracy),
      cell(row.backwardTransferAndInterference),
      cell(row.forwardTransfer),
    ]);
  const legend =
    "RA retained accuracy, LA learning accuracy, BTI = RA − LA, FWT forward transfer; % mean ± standard deviation.";
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
