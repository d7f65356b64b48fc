import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compact, writeFile } from "@everlearn/records";
import { Failure } from "../failure.js";
import { eachReceipt } from "../receipts.js";

/** `everlearn receipts`: packs the receipts of each run into one small file, to be committed and passed on. */
export async function packReceipts(paths: readonly string[], { out }: { out: string }): Promise<void> {
  const lines = new Map<string, Map<number, string>>();
  const { read, rejected } = await eachReceipt(paths, ({ receipt }) => {
    const bySeed = lines.get(receipt.name) ?? new Map<number, string>();
    lines.set(receipt.name, bySeed.set(receipt.seed, compact(receipt)));
  });
  mkdirSync(out, { recursive: true });
  for (const [name, bySeed] of lines) {
    const ordered = [...bySeed].sort(([a], [b]) => a - b).map(([, line]) => line);
    writeFile(join(out, `${name}.jsonl`), `${ordered.join("\n")}\n`);
  }
  process.stdout.write(`${read} receipts of ${lines.size} runs in ${out}\n`);
  if (rejected > 0) throw new Failure(`${rejected} more were rejected and left out.`);
}
