import { type FoundReceipt, type ReadOptions, readReceipts } from "@everlearn/records";
import { Failure, warn } from "./failure.js";

/** How many receipts were read, and how many were rejected. */
export interface ReceiptCount {
  readonly read: number;
  readonly rejected: number;
}

/**
 * Hands over the receipts in files and folders one by one, and writes to standard error why others are rejected.
 * @throws Failure where there is none to hand over
 */
export async function eachReceipt(
  paths: readonly string[],
  take: (found: FoundReceipt) => void,
  options: ReadOptions = {},
): Promise<ReceiptCount> {
  let [read, rejected] = [0, 0];
  for await (const found of readReceipts(paths, options))
    if ("problem" in found) {
      rejected++;
      warn(found.problem);
    } else {
      read++;
      take(found);
    }
  if (read === 0) throw new Failure(`There are no receipts in ${paths.join(", ")}.`);
  return { read, rejected };
}
