// What table.mjs and pack.mjs share: suites, their receipts, and the tables of these.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatPercent, summary } from "@everlearn/leaderboard";
import { readReceipts, readSpecs } from "@everlearn/records";

/** The path of a file beside this one. */
export const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The folders in suites/, each with the specs of its files. */
export async function suites() {
  const folders = readdirSync(here("suites")).filter((name) => !name.endsWith(".json"));
  return Promise.all(folders.map(async (name) => ({ name, specs: await specsIn(here(`suites/${name}`)) })));
}

async function specsIn(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return (await Promise.all(files.sort().map((name) => readSpecs(`${folder}/${name}`)))).flat();
}

/** All receipts in files and folders. @throws Error where one cannot be believed */
export async function receiptsIn(paths) {
  const receipts = [];
  for await (const found of readReceipts(paths)) {
    if ("problem" in found) throw new Error(found.problem);
    receipts.push(found.receipt);
  }
  return receipts;
}

/** A text with every suite's table between its markers, `<!-- suite -->` and `<!-- /suite -->`. */
export async function withTables(text) {
  let made = text;
  for (const { name, specs } of await suites()) {
    const results = here(`results/${name}`);
    if (!existsSync(results)) continue;
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const [from, to] = [made.indexOf(begin), made.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`There is no place for the table of ${name}: ${begin.trim()} … ${end}`);
    const rows = table(specs, await receiptsIn([results]), referencesOf(name));
    made = `${made.slice(0, from)}${begin}${rows.join("\n")}\n${made.slice(to)}`;
  }
  return made;
}

/** What others measured, by the run's name. */
function referencesOf(suite) {
  const file = here(`references/${suite}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).rows : {};
}

/** A row for each run of the suite that has receipts, in the suite's order. */
function table(specs, receipts, references) {
  const byName = new Map(summary(receipts).map((one) => [one.name, one]));
  const found = specs.flatMap(({ name }) => byName.get(name) ?? []);
  if (found.some(({ prequentialAccuracy: { mean } }) => mean !== null)) return prequentialTable(found);
  return [
    "| run | seeds | RA | LA | reference RA / LA (runs) | RA's difference, allowed | |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...found.map((one) => row(one, references[one.name])),
  ];
}

/** The same for runs that were asked about each example before it was taught. */
function prequentialTable(rows) {
  return [
    "| run | seeds | prequential accuracy |",
    "| --- | --- | --- |",
    ...rows.map(({ name, n, prequentialAccuracy }) => `| ${name} | ${n} | ${spreadOf(prequentialAccuracy)} |`),
  ];
}

function spreadOf({ mean, standardDeviation }) {
  const spread = standardDeviation === null ? "" : ` ± ${formatPercent(standardDeviation)}`;
  return `${formatPercent(mean)}${spread}`;
}

function row({ name, n, retainedAccuracy: ra, learningAccuracy: la }, reference) {
  const mine = `| ${name} | ${n} | ${spreadOf(ra)} | ${formatPercent(la.mean)} |`;
  if (!reference) return `${mine} – | – | |`;
  const tolerance = reference.tolerance * (n < 10 ? (reference.few ?? 2) : 1);
  const difference = ra.mean - reference.retainedAccuracy;
  const mark = Math.abs(difference) <= tolerance ? "✓" : "✗";
  const theirs = [formatPercent(reference.retainedAccuracy)];
  if (reference.learningAccuracy !== undefined) theirs.push(` / ${formatPercent(reference.learningAccuracy)}`);
  if (reference.runs !== undefined) theirs.push(` (${reference.runs})`);
  const sign = difference < 0 ? "−" : "+";
  const points = (fraction) => (100 * fraction).toFixed(1);
  return `${mine} ${theirs.join("")} | ${sign}${points(Math.abs(difference))} of ${points(tolerance)} | ${mark} |`;
}
