// From runs to the receipts that are kept: node benchmarks/pack.mjs RESULTS…
//
// Packs the receipts in RESULTS into results/<suite>/, beside or in place of those that are there. A receipt of another
// spec than the suite's is refused. Sealed honesty checks and trials of searches are packed with them. What a spec says
// besides what is run (title, rules, label, settings) is taken from
// today's suite: to renew that alone, give benchmarks/results. Needs the data sets that the suites use.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { plan } from "@everlearn/host";
import { companionLine, compact, readCompanions, sealOf } from "@everlearn/records";
import { here, receiptsIn, suites } from "./results.mjs";

const given = await receiptsIn(process.argv.slice(2));
for (const { name, specs } of await suites()) {
  const folder = here(`results/${name}`);
  const kept = existsSync(folder) ? await receiptsIn([folder]) : [];
  for (const spec of specs) {
    const of = (receipts) => receipts.filter(({ name, seed }) => name === spec.name && spec.seeds.includes(seed));
    if (of(given).length === 0) continue;
    const bySeed = new Map([...of(kept), ...of(given)].map((receipt) => [receipt.seed, receipt]));
    const planned = await plan(spec, { from: [here(".")], folder: process.env.EVERLEARN_DATA });
    const found = [...bySeed.values()].sort((a, b) => a.seed - b.seed);
    const other = found.find((receipt) => receipt.specId !== planned.specId);
    if (other)
      throw new Error(`${spec.name}, seed ${other.seed}, was run with another spec than the suite's; run it again.`);
    mkdirSync(folder, { recursive: true });
    const lines = found.map((receipt) => compact(describedBy(planned, receipt)));
    lines.push(...companionsOf(found, [...process.argv.slice(2), folder]));
    writeFileSync(`${folder}/${spec.name}.jsonl`, `${lines.join("\n")}\n`);
  }
}

/** The same receipt under a spec that has the same identity, but may say more or other things of it. */
function describedBy({ spec, suite }, receipt) {
  const described = { ...receipt, spec, ...(suite === undefined ? {} : { suite }) };
  return { ...described, seal: sealOf(described) };
}

/** The lines of the honesty checks and of the trials that belong to receipts, each once. */
function companionsOf(receipts, paths) {
  const wanted = new Set(receipts.flatMap(({ specId, tuning }) => [specId, tuning]));
  const lines = new Set();
  for (const found of readCompanions(paths)) {
    if ("problem" in found) throw new Error(found.problem);
    if (wanted.has(found.checks?.specId ?? found.tuned?.seal)) lines.add(companionLine(found));
  }
  return lines;
}
