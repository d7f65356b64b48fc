// From runs to receipts and a table: node benchmarks/table.mjs SUITE OUT[=COMMIT]…
//
// Reads OUT/<name>/seed-<n>/result.json for every run of benchmarks/suites/SUITE/*.json from the first OUT that has it,
// writes receipts to benchmarks/results/SUITE/ with the commit that made them (by default the one checked out), and
// puts the table beside the reference numbers into benchmarks/README.md. A result of another spec than the suite's is
// refused.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plan, readSpecs } from "@everlearn/host";
import { formatPercent, summary } from "@everlearn/leaderboard";

const [suite, ...outs] = process.argv.slice(2);
if (!suite || outs.length === 0) throw new Error("Usage: node benchmarks/table.mjs SUITE OUT[=COMMIT]…");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const { rows: reference } = json(here(`references/${suite}.json`));

const files = readdirSync(here(`suites/${suite}`)).sort();
const suites = await Promise.all(files.map((file) => readSpecs(here(`suites/${suite}/${file}`))));
const specs = suites.flat();
const sources = outs.map((given) => {
  const [out, commit = "HEAD"] = given.split("=");
  return { out, commit: execFileSync("git", ["rev-parse", commit], { encoding: "utf8", cwd: here(".") }).trim() };
});
const results = specs.flatMap(({ name, seeds }) =>
  seeds.flatMap((seed) => {
    const paths = sources.map(({ out, commit }) => ({ commit, path: join(out, name, `seed-${seed}`, "result.json") }));
    const found = paths.find(({ path }) => existsSync(path));
    return found ? [{ ...json(found.path), commit: found.commit }] : [];
  }),
);
for (const spec of specs) {
  const mine = results.filter(({ name }) => name === spec.name);
  if (mine.length === 0) continue;
  const { specId } = await plan(spec, { from: [here(".")], folder: process.env.EVERLEARN_DATA });
  const other = mine.find((result) => result.specId !== specId);
  if (other)
    throw new Error(`${spec.name}, seed ${other.seed}, was run with another spec than the suite's; run it again.`);
}

rmSync(here(`results/${suite}`), { recursive: true, force: true });
mkdirSync(here(`results/${suite}`), { recursive: true });
for (const [i, file] of files.entries()) {
  const runs = suites[i].flatMap(({ name }) => {
    const mine = results.filter((result) => result.name === name);
    if (mine.length === 0) return [];
    const { specId, spec } = mine[0];
    const receipts = mine.map(({ seed, cellId, digest, commit, seconds, metrics, environment }) =>
      JSON.stringify({ seed, cellId, digest, commit, seconds: Math.round(seconds * 10) / 10, metrics, environment }),
    );
    const { seeds: _, ...shared } = spec;
    return `  {"name":"${name}","specId":"${specId}","spec":${JSON.stringify(shared)},"receipts":[\n    ${receipts.join(",\n    ")}\n  ]}`;
  });
  writeFileSync(here(`results/${suite}/${file}`), `[\n${runs.join(",\n")}\n]\n`);
}

function row({ name, n, retainedAccuracy: ra, learningAccuracy: la }) {
  const found = reference[name];
  const mine = `| ${name} | ${n} | ${formatPercent(ra.mean)} ± ${formatPercent(ra.standardDeviation)} | ${formatPercent(la.mean)} |`;
  if (!found) return `${mine} – | – | |`;
  const tolerance = found.tolerance * (n < 10 ? 2 : 1);
  const difference = ra.mean - found.retainedAccuracy;
  const mark = Math.abs(difference) <= tolerance ? "✓" : "✗";
  const theirs = `${formatPercent(found.retainedAccuracy)} / ${formatPercent(found.learningAccuracy)} (${found.runs})`;
  return `${mine} ${theirs} | ${difference < 0 ? "−" : "+"}${Math.abs(100 * difference).toFixed(1)} of ${(100 * tolerance).toFixed(1)} | ${mark} |`;
}

const byName = new Map(summary(results).map((one) => [one.name, one]));
const table = [
  "| run | seeds | RA | LA | reference RA / LA (runs) | RA's difference, allowed | |",
  "| --- | --- | --- | --- | --- | --- | --- |",
  ...specs.flatMap(({ name }) => (byName.has(name) ? [row(byName.get(name))] : [])),
].join("\n");
const readme = here("README.md");
const [before, rest] = readFileSync(readme, "utf8").split(`<!-- ${suite} -->\n`);
const after = rest.slice(rest.indexOf(`<!-- /${suite} -->`));
writeFileSync(readme, `${before}<!-- ${suite} -->\n${table}\n${after}`);
console.log(table);
