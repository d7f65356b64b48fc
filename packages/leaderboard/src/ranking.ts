import type { RankedMetric } from "./result.js";
import { place, rankedMetricOfRows, type SummaryRow } from "./summary.js";

/** The number of paired seeds from which an order is official. */
const officialSeeds = 10;

/**
 * The order by mean retained accuracy (RA), or prequential accuracy where no row has one, in a sentence, lowest first, "=" between equal means. Official is an order
 * over ten or more seeds that are the same for every name; any other is called a preview. Rows without a mean RA are
 * named after it. It compares means only and says nothing about significance.
 */
export function ranking(rows: readonly SummaryRow[]): string {
  const metric = rankedMetricOfRows(rows);
  const short = metric === "retainedAccuracy" ? "RA" : "prequential accuracy";
  const ranked = rows.filter((row) => row[metric].mean !== null);
  const rest = rows.filter((row) => row[metric].mean === null);
  const unranked = rest.map((row) => `${row.name} (no ${short} for ${row[metric].missing} of ${seeds(row.n)})`);
  const note = unranked.length > 0 ? `; not ordered: ${unranked.join(", ")}` : "";
  return `${ranked.length > 0 ? order(ranked, metric) : "No results to order by mean RA"}${note}`;
}

function order(rows: readonly SummaryRow[], metric: RankedMetric): string {
  const at = (row: SummaryRow) => place(row, metric);
  const sorted = rows.toSorted((a, b) => at(a) - at(b) || (a.name < b.name ? -1 : 1));
  const chain = sorted
    .map((row, i) => (i === 0 ? row.name : `${at(row) === at(sorted[i - 1]) ? "=" : "<"} ${row.name}`))
    .join(" ");
  const [long, short] =
    metric === "retainedAccuracy" ? ["retained accuracy (RA)", "RA"] : ["prequential accuracy", "prequential accuracy"];
  const counts = rows.map(({ n }) => n);
  const fewest = Math.min(...counts);
  const most = Math.max(...counts);
  const paired = rows.every((row) => row.seeds.join() === rows[0].seeds.join());
  if (paired && fewest >= officialSeeds) return `${chain} by ${long}, mean of ${fewest} paired seeds`;
  const extent = fewest === most ? seeds(most) : `${fewest} to ${most} seeds`;
  return `Order by mean ${short} (preview, ${extent}${paired ? "" : ", not paired"}): ${chain}`;
}

function seeds(n: number): string {
  return n === 1 ? "1 seed" : `${n} seeds`;
}
