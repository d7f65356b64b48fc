import { formatPercent, type MetricSummary, type RunResult, ranking, summary } from "@everlearn/leaderboard";
import Table from "cli-table3";
import { out } from "./color.js";

const plain = { head: [], border: [] };

/** Mean ± standard deviation over seeds of each run's metrics, and the order they give. */
export function summaryTable(results: readonly RunResult[]): string {
  const rows = summary(results);
  const table = new Table({
    head: ["", "seeds", "RA", "LA", "BTI", "FWT"].map((title) => out.bold(title)),
    colAligns: ["left", "right", "right", "right", "right", "right"],
    style: plain,
  });
  for (const row of rows)
    table.push([
      row.name,
      row.seeds.length,
      cell(row.retainedAccuracy),
      cell(row.learningAccuracy),
      cell(row.backwardTransferAndInterference),
      cell(row.forwardTransfer),
    ]);
  const legend =
    "RA retained accuracy, LA learning accuracy, BTI = RA − LA, FWT forward transfer; % mean ± standard deviation.";
  return `${table.toString()}\n${out.dim(legend)}\n${ranking(rows)}`;
}

function cell({ mean, standardDeviation }: MetricSummary): string {
  return standardDeviation === null
    ? formatPercent(mean)
    : `${formatPercent(mean)} ± ${formatPercent(standardDeviation)}`;
}

/** Rows of text under bold titles. */
export function textTable(titles: readonly string[], rows: readonly (readonly string[])[], widths?: number[]): string {
  const table = new Table({
    head: titles.map((title) => out.bold(title)),
    style: plain,
    wordWrap: true,
    ...(widths ? { colWidths: widths } : {}),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
