import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoppedError } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { FoundReceipt } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import { compareResults } from "./comparison.js";
import { describeEnd } from "./process-end.js";
import { createProcessPool, type ProcessPool } from "./process-pool.js";
import type { TrustedCode } from "./trusted-code.js";
import type { Verification } from "./plan-receipt.js";

/** Options of the verification of receipts: which code may run, where data is, and who is told of its progress. */
export interface VerifyOptions extends Pick<TrustedCode, "from">, Partial<Omit<TrustedCode, "from">> {
  /** The folder that holds data sets. */
  readonly folder?: string | undefined;
  /** The seed of the order. */
  readonly seed: number;
  /** Seconds without a sign of life after which a cell is given up (1800). */
  readonly patience?: number | undefined;
  readonly signal?: AbortSignal;
  /** Called with the progress of new runs. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called with each line that plugins write. */
  readonly onOutput?: (line: string) => void;
}

/**
 * Runs receipts' cells again, one after the other, from their own specs, and compares every field, bit for bit: accuracies,
 * answers, parameters (by the digest), counts. What a receipt leaves out is reported instead; the digest may not be left out.
 * Each cell has fresh processes: one that plans it, one that teaches and tests, and one for the learner, so that nothing that
 * a cell leaves behind reaches the next. They come in another order than the receipts', drawn with the seed: a learner that
 * relies on what ran before it is found out. A cell that crashes or hangs ends no other.
 * @throws StoppedError where the signal aborts
 */
export async function* verify(all: readonly FoundReceipt[], options: VerifyOptions): AsyncGenerator<Verification> {
  const { from, folder: data, seed, patience = 1800, signal } = options;
  const out = await mkdtemp(join(tmpdir(), "everlearn-verify-"));
  const pool = createProcessPool({ out, from, data }, patience);
  const stop = () => pool.stop();
  signal?.addEventListener("abort", stop);
  try {
    for (const place of shuffled(all.length, seed)) {
      if (signal?.aborted) throw new StoppedError();
      yield { ...all[place], ...(await verified(all[place], String(place), pool, options)) };
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await pool.close();
    await rm(out, { recursive: true, force: true });
  }
}

type Verified = Omit<Verification, keyof FoundReceipt>;

/** The fields of a verification for which nothing was run. */
const nothing = { identity: [], compared: [], leftOut: [] };

/** @param directory of the new run, within the pool's folder for results */
async function verified(
  found: FoundReceipt,
  directory: string,
  pool: ProcessPool,
  { from, allow = [], beside = [], signal, onProgress, onOutput }: VerifyOptions,
): Promise<Verified> {
  const listener = { ...(onProgress && { onProgress }), ...(onOutput && { onOutput }) };
  const terms = { listener, seconds: Infinity, group: "verify", fresh: true };
  const planned = await pool.ask({ type: "plan receipt", request: { found, options: { from, allow, beside } } }, terms);
  if (signal?.aborted || planned.type === "stopped") throw new StoppedError();
  if (planned.type !== "receipt planned") return undone(describeEnd(planned));
  const { plan, identity, differences } = planned;
  if (!plan) return { ...nothing, differences };
  const { spec, specId } = plan;
  const request = { spec, folder: ".", specId, seed: found.receipt.seed, directory };
  const ran = await pool.ask({ type: "run", request, plan }, terms);
  if (signal?.aborted || ran.type === "stopped") throw new StoppedError();
  if (ran.type !== "ended") return undone(describeEnd(ran));
  return { identity, result: ran.result, ...compareResults(found.receipt, ran.result) };
}

const undone = (why: string): Verified => ({ ...nothing, differences: [`It could not be run again: ${why}`] });

/** The places of all, in an order that is not theirs where there are several. */
function shuffled(count: number, seed: number): number[] {
  const order = [...random(seed, "verify/order").permutation(count, count)];
  return count > 1 && order.every((place, i) => place === i) ? order.reverse() : order;
}
