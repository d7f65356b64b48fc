import { place, type SummaryRow } from "./summary.js";

/** The number of paired seeds from which an order is official. */
const officialSeeds = 10;

/**
 * The order by mean retained accuracy (RA) in a sentence, lowest first, "=" between equal means. Official is an order
 * over ten or more seeds that are the same for every name; any other is called a preview. Rows without a mean RA are
 * named after it. It compares means only and says nothing about significance.
 */
export function ranking(rows: readonly SummaryRow[]): string {
  const ranked = rows.filter(({ retainedAccuracy }) => retainedAccuracy.mean !== null);
  const rest = rows.filter(({ retainedAccuracy }) => retainedAccuracy.mean === null);
  const unranked = rest.map(
    ({ name, n, retainedAccuracy }) => `${name} (no RA for ${retainedAccuracy.missing} of ${seeds(n)})`,
  );
  const note = unranked.length > 0 ? `; not ordered: ${unranked.join(", ")}` : "";
  return `${ranked.length > 0 ? order(ranked) : "No results to order by mean RA"}${note}`;
}

function order(rows: readonly SummaryRow[]): string {
  const sorted = rows.toSorted((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
  const chain = sorted
    .map((row, i) => (i === 0 ? row.name : `${place(row) === place(sorted[i - 1]) ? "=" : "<"} ${row.name}`))
    .join(" ");
  const counts = rows.map(({ n }) => n);
  const fewest = Math.min(...counts);
  const most = Math.max(...counts);
  const paired = rows.every((row) => row.seeds.join() === rows[0].seeds.join());
  if (paired && fewest >= officialSeeds) return `${chain} by retained accuracy (RA), mean of ${fewest} paired seeds`;
  const extent = fewest === most ? seeds(most) : `${fewest} to ${most} seeds`;
  return `Order by mean RA (preview, ${extent}${paired ? "" : ", not paired"}): ${chain}`;
}

function seeds(n: number): string {
  return n === 1 ? "1 seed" : `${n} seeds`;
}
