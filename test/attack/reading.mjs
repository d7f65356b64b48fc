// Attacks by what is read: hostile specs, and damaged receipts and journals.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCell } from "@everlearn/composition";
import { RunError, SpecError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { compact, createJournalReader, parseJson, readReceipts, readResult, runsOf } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import { chooser, damaged, mutated } from "./hostile.mjs";

export const from = [fileURLToPath(new URL("../../packages/cli", import.meta.url))];
export const run = {
  name: "small",
  dataset: { use: "glyphs", train: 40, test: 20 },
  stream: { use: "rotated", tasks: 2, examplesPerTask: 10, maxAngle: 90 },
  scenario: { use: "domain-il" },
  network: { use: "mlp", hidden: [4] },
  learner: { use: "mer", alpha: 0.03, beta: 0.3, s: 2, k: 3 },
  buffer: { use: "reservoir", capacity: 5 },
  batchSize: 1,
  evaluation: { tasks: "all", every: 5, examples: 2 },
  seeds: [0, 1],
};
const { name: _, ...shared } = run;
const documents = [
  run,
  { ...shared, name: "suite", protocol: { track: "closed" }, runs: [{ name: "a" }, { name: "b", label: "B" }] },
  { ...shared, learners: [{ name: "a" }], in: [{ name: "x" }, { name: "y", buffer: { use: "ring", capacity: 4 } }] },
];

/** The files of a run that has ended, made once in a process. */
let made;
export async function finished() {
  made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "everlearn-attack-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    const directory = join(folder, "small", "seed-0");
    const cell = await createCell(await plan(runsOf(run, "spec.json")[0], { from }), 0);
    const result = await runCell(cell, { directory });
    await cell.dispose();
    const read = (file) => readFileSync(join(directory, file));
    return { folder, cell, result, receipt: read("result.json"), journal: read("journal.jsonl") };
  })();
  return made;
}

/** @returns whether it was refused by one of our own errors, whose message is for people */
export function isRefusal(error) {
  return (error instanceof SpecError || error instanceof RunError) && error.message.length < 100_000;
}

export async function spec(index, seed) {
  const ended = await planned(index, seed);
  if (Object.keys(Object.prototype).length > 0) throw new Error("Object.prototype was changed.");
  return ended;
}

async function planned(index, seed) {
  const choose = chooser(seed, "specs", index);
  const document = mutated(choose.of(documents), choose);
  let text = JSON.stringify(document) ?? "";
  if (choose.below(4) === 0) text = damaged(text, choose).toString();
  try {
    const [first] = runsOf(parseJson(text, "spec.json"), "spec.json");
    await plan({ ...first, trackers: [] }, { from });
    return "accepted";
  } catch (error) {
    if (isRefusal(error)) return "refused";
    throw error;
  }
}

export async function receipt(index, seed) {
  const choose = chooser(seed, "receipts", index);
  const { cell, result, receipt } = await finished();
  const directory = mkdtempSync(join(tmpdir(), "everlearn-attack-"));
  try {
    const bytes =
      choose.below(2) === 0
        ? damaged(receipt, choose)
        : Buffer.from(JSON.stringify(mutated(JSON.parse(receipt), choose)) ?? "");
    const folder = join(directory, "small", "seed-0");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "result.json"), bytes);
    const same = (found) => JSON.stringify(sorted(found)) === JSON.stringify(sorted(result));
    // Without its answers a receipt is what `everlearn receipts` packs, and says so.
    const packed = JSON.stringify(sorted(JSON.parse(compact(result))));
    for await (const found of readReceipts([directory]))
      if ("receipt" in found && !same(found.receipt) && JSON.stringify(sorted(found.receipt)) !== packed)
        throw new Error("A changed receipt was read as if it were whole.");
    try {
      const found = readResult(folder, cell);
      if (found !== undefined && !same(found)) throw new Error("A changed result was believed.");
      return "unchanged";
    } catch (error) {
      if (isRefusal(error)) return "refused";
      throw error;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export async function journal(index, seed) {
  const choose = chooser(seed, "journals", index);
  const { journal } = await finished();
  const directory = mkdtempSync(join(tmpdir(), "everlearn-attack-"));
  try {
    writeFileSync(join(directory, "journal.jsonl"), damaged(journal, choose));
    const whole = journal.toString().split("\n").slice(0, -1);
    const reader = createJournalReader(directory);
    let records;
    try {
      records = reader.read();
    } catch (error) {
      if (isRefusal(error)) return "refused";
      throw error;
    }
    // What is read must be a beginning of what was written: a line that a crash cut short is not there.
    for (const [i, record] of records.entries()) {
      const { sum: _, ...written } = JSON.parse(whole[i] ?? "null") ?? {};
      const { sum: __, ...read } = record;
      if (JSON.stringify(sorted(read)) !== JSON.stringify(sorted(written)))
        throw new Error(`Record ${i} was changed, and read.`);
    }
    if (reader.damagedLine !== undefined) return "refused";
    return records.length === whole.length ? "unchanged" : "shorter";
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
