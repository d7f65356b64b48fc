import { resolve } from "node:path";
import { type Verification, verify } from "@everlearn/bench";
import { StoppedError } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { type FoundReceipt, printable } from "@everlearn/records";
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

/** `everlearn verify`: runs receipts again and prints every field that differs, and what changed its identity. */
export async function verifyReceipts(paths: readonly string[], options: VerifyArguments): Promise<void> {
  const all: FoundReceipt[] = [];
  const { rejected } = await eachReceipt(paths, (found) => all.push(found));
  const selected = sample(all, options);
  let [wrong, otherIdentity] = [0, 0];
  const watch = createWatch(process.stderr);
  try {
    await interruptible(async (signal) => {
      for (const found of selected) {
        const verification = await verify(found, {
          from: searchPath(),
          ...(options.data === undefined ? {} : { folder: resolve(options.data) }),
          signal,
          onProgress: (progress) => watch.show(progress),
        }).catch((error: unknown) => failed(found, error));
        watch.clear();
        process.stdout.write(linesOf(verification));
        if (verification.differences.length > 0) wrong++;
        else if (verification.identity.length > 0) otherIdentity++;
      }
    });
  } catch (error) {
    watch.clear();
    if (error instanceof StoppedError) throw new Failure("Stopped; only the receipts above were verified.", 130);
    throw error;
  }
  const count = selected.length === all.length ? `All ${all.length}` : `${selected.length} of ${all.length}`;
  if (wrong > 0) throw new Failure(`${wrong} of ${selected.length} receipts could not be reproduced.`);
  const reproduced = `${count} receipts were reproduced, bit for bit${otherIdentity === 0 ? "" : `, ${otherIdentity} of them under another identity`}`;
  if (rejected > 0) throw new Failure(`${reproduced}; ${rejected} others were rejected.`);
  process.stdout.write(`${reproduced}.\n`);
}

/** A receipt of which the run failed; the others have nothing to do with it. @throws StoppedError */
function failed(found: FoundReceipt, error: unknown): Verification {
  if (error instanceof StoppedError) throw error;
  const why = error instanceof Error ? error.message : String(error);
  return { ...found, identity: [], compared: [], leftOut: [], differences: [`It could not be run again: ${why}`] };
}

function linesOf({ receipt: { name, seed }, where, identity, differences, leftOut }: Verification): string {
  const lines = [...identity, ...differences].map((sentence) => `  ${printable(sentence)}\n`);
  if (differences.length > 0) return `${out.red("✗")} ${name} seed ${seed} (${printable(where)})\n${lines.join("")}`;
  const changes = printable(identity.map((sentence) => sentence.replace(/\.$/, "")).join("; "));
  const how = identity.length === 0 ? "reproduced" : `the same bits, under another identity (${changes})`;
  const rest = leftOut.length === 0 ? "" : ` in everything that it states; it leaves out ${leftOut.join(", ")}`;
  return `${out.green("✓")} ${name} seed ${seed}: ${how}${rest}\n`;
}

/** A sample of the receipts, drawn without replacement; all of them if no size is given. */
function sample(all: readonly FoundReceipt[], { sample, seed }: VerifyArguments): readonly FoundReceipt[] {
  if (sample === undefined || sample >= all.length) return all;
  const places = [...random(seed, "verify").permutation(all.length, sample)].sort((a, b) => a - b);
  return places.map((place) => all[place]);
}
