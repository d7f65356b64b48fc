import { resolve } from "node:path";
import { verify } from "@everlearn/bench";
import { StoppedError } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { FoundReceipt } from "@everlearn/records";
import { out } from "../color.js";
import { Failure } from "../failure.js";
import { interruptible } from "../interrupt.js";
import { eachReceipt } from "../receipts.js";
import { searchPath } from "../search-path.js";
import { createWatch } from "../watch.js";

export interface VerifyArguments {
  readonly sample?: number;
  readonly seed: number;
  readonly data?: string;
}

type Verdict = Awaited<ReturnType<typeof verify>>;

/** `everlearn verify`: runs receipts again and prints every field that differs. */
export async function verifyReceipts(paths: readonly string[], options: VerifyArguments): Promise<void> {
  const all: FoundReceipt[] = [];
  const { rejected } = await eachReceipt(paths, (found) => all.push(found));
  const chosen = sample(all, options);
  let wrong = 0;
  const watch = createWatch(process.stderr);
  try {
    await interruptible(async (signal) => {
      for (const found of chosen) {
        const verdict = await verify(found, {
          from: searchPath(),
          ...(options.data === undefined ? {} : { folder: resolve(options.data) }),
          signal,
          onProgress: (progress) => watch.show(progress),
        });
        watch.clear();
        process.stdout.write(verdictLines(found, verdict));
        if (verdict.differences.length > 0) wrong++;
      }
    });
  } catch (error) {
    watch.clear();
    if (error instanceof StoppedError) throw new Failure("Stopped; only the receipts above were verified.", 130);
    throw error;
  }
  const count = chosen.length === all.length ? `All ${all.length}` : `${chosen.length} of ${all.length}`;
  if (wrong > 0) throw new Failure(`${wrong} of ${chosen.length} receipts could not be reproduced.`);
  if (rejected > 0)
    throw new Failure(`${count} receipts were reproduced, bit for bit; ${rejected} others were rejected.`);
  process.stdout.write(`${count} receipts were reproduced, bit for bit.\n`);
}

function verdictLines({ receipt: { name, seed }, where }: FoundReceipt, verdict: Verdict): string {
  const { differences, leftOut, identity } = verdict;
  const lines = differences.map((difference) => `  ${difference}\n`);
  if (lines.length > 0) return `${out.red("✗")} ${name} seed ${seed} (${where})\n${lines.join("")}`;
  const rest = leftOut.length === 0 ? "" : ` in everything that it states; it leaves out ${leftOut.join(", ")}`;
  const otherwise = identity.map((difference) => `  ${out.dim(difference)}\n`);
  return `${out.green("✓")} ${name} seed ${seed}: reproduced${rest}\n${otherwise.join("")}`;
}

/** A sample of the receipts, drawn without replacement; all of them if no size is given. */
function sample(all: readonly FoundReceipt[], { sample, seed }: VerifyArguments): readonly FoundReceipt[] {
  if (sample === undefined || sample >= all.length) return all;
  const places = [...random(seed, "verify").permutation(all.length, sample)].sort((a, b) => a - b);
  return places.map((place) => all[place]);
}
