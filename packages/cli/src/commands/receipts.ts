import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compact, companionLine, type Receipt, writeFile } from "@everlearn/records";
import { companionsIn, companionsOf } from "../companions.js";
import { Failure } from "../failure.js";
import { eachReceipt } from "../receipts.js";

/** `everlearn receipts`: packs the receipts of each run into one small file, to be committed and passed on. */
export async function packReceipts(paths: readonly string[], { out }: { out: string }): Promise<void> {
  const lines = new Map<string, Map<number, { line: string; receipt: Pick<Receipt, "specId" | "tuning"> }>>();
  const { read, rejected } = await eachReceipt(paths, ({ receipt }) => {
    const tuning = receipt.tuning ?? "";
    const bySeed = lines.get(receipt.name) ?? new Map();
    lines.set(
      receipt.name,
      bySeed.set(receipt.seed, { line: compact(receipt), receipt: { specId: receipt.specId, tuning } }),
    );
  });
  const companions = companionsIn(paths);
  mkdirSync(out, { recursive: true });
  for (const [name, bySeed] of lines) {
    const ordered = [...bySeed].sort(([a], [b]) => a - b).map(([, { line }]) => line);
    const more = companionsOf(
      Array.from(bySeed.values(), ({ receipt }) => receipt),
      companions,
    ).map(companionLine);
    writeFile(join(out, `${name}.jsonl`), `${[...ordered, ...more].join("\n")}\n`);
  }
  process.stdout.write(`${read} receipts of ${lines.size} runs in ${out}\n`);
  if (rejected > 0) throw new Failure(`${rejected} more were rejected and left out.`);
}
