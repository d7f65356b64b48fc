// From receipts to the tables of README.md: node benchmarks/table.mjs [RESULTS…]
//
// Packs the receipts in RESULTS, where some are given, into benchmarks/results/<suite>/, beside those that are there,
// and puts each suite's table, with the reference numbers where there are some, into benchmarks/README.md. A receipt of
// another spec than the suite's is refused; what a spec says beside what is run (title, rules, label, settings) is the
// suite's of today. Needs the data sets that the suites use.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { plan } from "@everlearn/host";
import { formatPercent, summary } from "@everlearn/leaderboard";
import { compact, readReceipts, readSpecs, sealOf } from "@everlearn/records";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const given = await receiptsIn(process.argv.slice(2));
const readme = here("README.md");
let text = readFileSync(readme, "utf8");
for (const suite of readdirSync(here("suites")).filter((name) => !name.endsWith(".json"))) {
  const files = readdirSync(here(`suites/${suite}`))
    .filter((name) => name.endsWith(".json"))
    .sort();
  const specs = (await Promise.all(files.map((file) => readSpecs(here(`suites/${suite}/${file}`))))).flat();
  const results = here(`results/${suite}`);
  const known = existsSync(results) ? await receiptsIn([results]) : [];
  const receipts = [];
  for (const spec of specs) {
    const bySeed = new Map([...known, ...given].filter(isOf(spec)).map((receipt) => [receipt.seed, receipt]));
    const found = [...bySeed.values()].sort((a, b) => a.seed - b.seed);
    if (found.length === 0) continue;
    const planned = await plan(spec, { from: [here(".")], folder: process.env.EVERLEARN_DATA });
    const other = found.find((receipt) => receipt.specId !== planned.specId);
    if (other) throw new Error(`${spec.name}, seed ${other.seed}, is of another spec than the suite's; run it again.`);
    const mine = found.map((receipt) => describedBy(planned.spec, receipt));
    mkdirSync(results, { recursive: true });
    writeFileSync(`${results}/${spec.name}.jsonl`, `${mine.map(compact).join("\n")}\n`);
    receipts.push(...mine);
  }
  if (receipts.length === 0) continue;
  const [before, rest] = text.split(`<!-- ${suite} -->\n`);
  if (rest === undefined) throw new Error(`README.md has no place for the table of ${suite}.`);
  const after = rest.slice(rest.indexOf(`<!-- /${suite} -->`));
  text = `${before}<!-- ${suite} -->\n${table(suite, specs, receipts)}\n${after}`;
}
writeFileSync(readme, text);

function isOf({ name, seeds }) {
  return (receipt) => receipt.name === name && seeds.includes(receipt.seed);
}

/** The same receipt under a spec that has the same identity, but may say more or other things of it. */
function describedBy(spec, receipt) {
  const described = { ...receipt, spec };
  return { ...described, seal: sealOf(described) };
}

async function receiptsIn(paths) {
  const all = [];
  for await (const found of readReceipts(paths)) {
    if ("problem" in found) throw new Error(found.problem);
    all.push(found.receipt);
  }
  return all;
}

function table(suite, specs, receipts) {
  const references = here(`references/${suite}.json`);
  const reference = existsSync(references) ? JSON.parse(readFileSync(references, "utf8")).rows : {};
  const byName = new Map(summary(receipts).map((one) => [one.name, one]));
  return [
    "| run | seeds | RA | LA | reference RA / LA (runs) | RA's difference, allowed | |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...specs.flatMap(({ name }) => (byName.has(name) ? [row(byName.get(name), reference[name])] : [])),
  ].join("\n");
}

function row({ name, n, retainedAccuracy: ra, learningAccuracy: la }, reference) {
  const spread = ra.standardDeviation === null ? "" : ` ± ${formatPercent(ra.standardDeviation)}`;
  const mine = `| ${name} | ${n} | ${formatPercent(ra.mean)}${spread} | ${formatPercent(la.mean)} |`;
  if (!reference) return `${mine} – | – | |`;
  const tolerance = reference.tolerance * (n < 10 ? (reference.few ?? 2) : 1);
  const difference = ra.mean - reference.retainedAccuracy;
  const mark = Math.abs(difference) <= tolerance ? "✓" : "✗";
  const theirs = [formatPercent(reference.retainedAccuracy)];
  if (reference.learningAccuracy !== undefined) theirs.push(` / ${formatPercent(reference.learningAccuracy)}`);
  if (reference.runs !== undefined) theirs.push(` (${reference.runs})`);
  return `${mine} ${theirs.join("")} | ${difference < 0 ? "−" : "+"}${Math.abs(100 * difference).toFixed(1)} of ${(100 * tolerance).toFixed(1)} | ${mark} |`;
}
