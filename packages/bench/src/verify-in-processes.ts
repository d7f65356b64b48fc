import { random } from "@everlearn/random";
import type { FoundReceipt } from "@everlearn/records";
import { StoppedError } from "@everlearn/contracts";
import type { Progress } from "@everlearn/runner";
import type { Verified } from "./messages.js";
import { describeEnd } from "./process-end.js";
import { createProcessPool } from "./process-pool.js";
import type { Verification, VerifyOptions } from "./verify.js";

/** A verification in a process of its own: without the new run's result. */
export type RemoteVerification = Omit<Verification, "result">;

/** Options of the verification of many receipts. */
export interface VerifyAllOptions extends Omit<VerifyOptions, "onProgress"> {
  /** The seed of the order. */
  readonly seed: number;
  /** Seconds without a sign of life after which a cell is given up (1800). */
  readonly patience?: number | undefined;
  readonly onProgress?: (progress: Progress) => void;
  /** Called with each line that plugins write. */
  readonly onOutput?: (line: string) => void;
}

/**
 * Verifies receipts one after the other, each in a fresh process, so that nothing that a cell leaves behind reaches the
 * next, and in another order than theirs, drawn with the seed: a learner that relies on what ran before it is found out. A
 * cell that crashes or hangs ends no other.
 * @throws StoppedError where the signal aborts
 */
export async function* verifyInProcesses(
  all: readonly FoundReceipt[],
  { seed, patience = 1800, signal, onProgress, onOutput, ...options }: VerifyAllOptions,
): AsyncGenerator<RemoteVerification> {
  const { from, folder: data } = options;
  const pool = createProcessPool({ out: ".", from, data }, patience);
  const stop = () => pool.stop();
  signal?.addEventListener("abort", stop);
  try {
    for (const place of shuffled(all.length, seed)) {
      if (signal?.aborted) throw new StoppedError();
      const found = all[place];
      const { allow = [], beside = [] } = options;
      const answer = await pool.ask(
        { type: "verify", request: { found, options: { from, folder: data, allow, beside } } },
        {
          listener: { ...(onProgress && { onProgress }), ...(onOutput && { onOutput }) },
          seconds: Infinity,
          fresh: true,
        },
      );
      if (signal?.aborted || answer.type === "stopped") throw new StoppedError();
      yield { ...found, ...(answer.type === "verified" ? answer.verified : undone(describeEnd(answer))) };
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await pool.close();
  }
}

function undone(why: string): Verified {
  return { identity: [], compared: [], leftOut: [], differences: [`It could not be run again: ${why}`] };
}

/** The places of all, in an order that is not theirs where there are several. */
function shuffled(count: number, seed: number): number[] {
  const order = [...random(seed, "verify/order").permutation(count, count)];
  return count > 1 && order.every((place, i) => place === i) ? order.reverse() : order;
}
