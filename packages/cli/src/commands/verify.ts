import { createPrivateKey } from "node:crypto";
import { resolve } from "node:path";
import { notVouched, type Verification, verify } from "@everlearn/bench";
import { StoppedError } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { type FoundReceipt, printable } from "@everlearn/records";
import { readKey, writeReport } from "../reports.js";
import { out } from "../color.js";
import { Failure } from "../failure.js";
import { interruptible } from "../interrupt.js";
import { eachReceipt } from "../receipts.js";
import { folderOf } from "../submissions.js";
import { searchPath } from "../search-path.js";
import { createWatch } from "../watch.js";

export interface VerifyArguments {
  readonly sample?: number;
  readonly seed: number;
  readonly data?: string;
  /** Packages and paths whose code may run besides what is installed. */
  readonly allow?: readonly string[];
  readonly patience: number;
  /** The file for a report. */
  readonly report?: string;
  /** The private key that signs it. */
  readonly key?: string;
}

/** `everlearn verify`: runs receipts again and prints every field that differs, and what changed its identity. */
export async function verifyReceipts(paths: readonly string[], options: VerifyArguments): Promise<void> {
  const all: FoundReceipt[] = [];
  const { rejected } = await eachReceipt(paths, (found) => all.push(found));
  const { report, key } = options;
  if (key !== undefined && report === undefined)
    throw new Failure("--key signs a report; name its file with --report.");
  const privateKey = key === undefined ? undefined : readKey(key, createPrivateKey);
  const selected = sample(all, options);
  const done: Verification[] = [];
  let [wrong, otherIdentity] = [0, 0];
  const watch = createWatch(process.stderr);
  if (selected.length > 1)
    process.stdout.write(
      `Each in a process of its own, in another order than the receipts' (drawn with seed ${options.seed}).\n`,
    );
  try {
    await interruptible(async (signal) => {
      const verifications = verify(selected, {
        from: searchPath(),
        allow: options.allow ?? [],
        beside: paths.map(folderOf),
        seed: options.seed,
        patience: options.patience,
        ...(options.data === undefined ? {} : { folder: resolve(options.data) }),
        signal,
        onProgress: (progress) => watch.show(progress),
      });
      for await (const verification of verifications) {
        watch.clear();
        process.stdout.write(linesOf(verification));
        done.push(verification);
        if (verification.differences.length > 0) wrong++;
        else if (verification.identity.length > 0) otherIdentity++;
      }
    });
  } catch (error) {
    watch.clear();
    if (error instanceof StoppedError) throw new Failure("Stopped; only the receipts above were verified.", 130);
    throw error;
  }
  if (report !== undefined) writeReport(report, done, privateKey);
  const count = selected.length === all.length ? `All ${all.length}` : `${selected.length} of ${all.length}`;
  if (wrong > 0) throw new Failure(`${wrong} of ${selected.length} receipts could not be reproduced.`);
  const reproduced = `${count} receipts were reproduced, bit for bit${otherIdentity === 0 ? "" : `, ${otherIdentity} of them under another identity`}, in ${vouched.join(", ")}; not vouched for: ${notVouched.join(", ")}, and what receipts leave out`;
  if (rejected > 0) throw new Failure(`${reproduced}; ${rejected} others were rejected.`);
  process.stdout.write(`${reproduced}.\n`);
}

/** What a receipt that was reproduced is right in, as far as it states it. */
const vouched = [
  ...["the spec and plugins that ran", "accuracies", "answers", "parameters (by the digest)", "metrics"],
  ...["task labels", "counts of examples, gradients and bytes"],
];

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
