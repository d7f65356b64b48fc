import { resolve } from "node:path";
import { type FoundReceipt, readReceipts, verify } from "@everlearn/bench";
import { random } from "@everlearn/random";
import { StoppedError } from "@everlearn/runner";
import { err, out } from "../color.js";
import { Failure } from "../failure.js";
import { packageRoot } from "../package-root.js";
import { createWatch } from "../watch.js";

export interface VerifyArguments {
  readonly sample?: number;
  readonly seed: number;
  readonly data?: string;
}

/** `everlearn verify`: runs receipts again and says which field of which does not come again. */
export async function verifyReceipts(paths: readonly string[], options: VerifyArguments): Promise<void> {
  const all: FoundReceipt[] = [];
  let refused = 0;
  for await (const found of readReceipts(paths))
    if ("problem" in found) {
      refused++;
      process.stderr.write(`${err.red("everlearn:")} ${found.problem}\n`);
    } else all.push(found);
  if (all.length === 0) throw new Failure(`There is no receipt to verify in ${paths.join(", ")}.`);

  const chosen = sample(all, options);
  const watch = createWatch(process.stderr);
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130); // asked twice: at once
    stop.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  let wrong = 0;
  try {
    for (const found of chosen) {
      const { differences, leftOut } = await verify(found, {
        from: [process.cwd(), packageRoot],
        ...(options.data === undefined ? {} : { folder: resolve(options.data) }),
        signal: stop.signal,
        onProgress: (progress) => watch.show(progress),
      });
      watch.clear();
      const { name, seed } = found.receipt;
      const rest = leftOut.length === 0 ? "" : ` in all that it says; it leaves out ${leftOut.join(", ")}`;
      if (differences.length === 0)
        process.stdout.write(`${out.green("✓")} ${name} seed ${seed}: the same bits${rest}\n`);
      else {
        wrong++;
        process.stdout.write(`${out.red("✗")} ${name} seed ${seed} (${found.where})\n`);
        for (const difference of differences) process.stdout.write(`  ${difference}\n`);
      }
    }
  } catch (error) {
    watch.clear();
    if (error instanceof StoppedError) throw new Failure("Stopped; what was not said of a receipt is not known.", 130);
    throw error;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  const count = chosen.length === all.length ? `all ${all.length}` : `${chosen.length} of ${all.length}`;
  if (wrong > 0) throw new Failure(`${wrong} of ${chosen.length} receipts did not come again.`);
  if (refused > 0) throw new Failure(`${count} receipts came again; ${refused} could not be believed.`);
  process.stdout.write(`${count} receipts came again, bit for bit.\n`);
}

/** So many of them, drawn without replacement; all where no number is given. */
function sample(all: readonly FoundReceipt[], { sample, seed }: VerifyArguments): readonly FoundReceipt[] {
  if (sample === undefined || sample >= all.length) return all;
  const places = [...random(seed, "verify").permutation(all.length, sample)].sort((a, b) => a - b);
  return places.map((place) => all[place]);
}
