import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { packed, readReceipts } from "@everlearn/bench";
import { writeFile } from "@everlearn/runner";
import { err } from "../color.js";
import { Failure } from "../failure.js";

/** `everlearn receipts`: packs what runs left behind into a small file for each, to be committed and sent around. */
export async function packReceipts(paths: readonly string[], { out }: { out: string }): Promise<void> {
  const lines = new Map<string, Map<number, string>>();
  let refused = 0;
  for await (const found of readReceipts(paths))
    if ("problem" in found) {
      refused++;
      process.stderr.write(`${err.red("everlearn:")} ${found.problem}\n`);
    } else {
      const { name, seed } = found.receipt;
      const mine = lines.get(name) ?? new Map<number, string>();
      lines.set(name, mine.set(seed, packed(found.receipt)));
    }
  if (lines.size === 0) throw new Failure(`There is no receipt in ${paths.join(", ")}.`);
  mkdirSync(out, { recursive: true });
  let count = 0;
  for (const [name, mine] of lines) {
    const ordered = [...mine].sort(([a], [b]) => a - b).map(([, line]) => line);
    count += ordered.length;
    writeFile(join(out, `${name}.jsonl`), `${ordered.join("\n")}\n`);
  }
  process.stdout.write(`${count} receipts of ${lines.size} runs in ${out}\n`);
  if (refused > 0) throw new Failure(`${refused} more could not be believed, and were left out.`);
}
