import { type FoundReceipt, printable, type ReadOptions, readReceipts } from "@everlearn/records";
import { Failure, warn } from "./failure.js";

/** How many receipts were read, and how many were rejected. */
export interface ReceiptCount {
  readonly read: number;
  readonly rejected: number;
}

/**
 * Hands over the receipts in files and folders one by one, and writes to standard error why others are rejected, those
 * included that the taker throws at.
 * @throws Failure where there is none to hand over
 */
export async function eachReceipt(
  paths: readonly string[],
  take: (found: FoundReceipt) => void,
  options: ReadOptions = {},
): Promise<ReceiptCount> {
  let [read, rejected] = [0, 0];
  for await (const found of readReceipts(paths, options)) {
    const problem = "problem" in found ? found.problem : problemOf(found, take);
    if (problem === undefined) read++;
    else {
      rejected++;
      warn(problem);
    }
  }
  if (read === 0) throw new Failure(`There are no receipts in ${paths.join(", ")}.`);
  return { read, rejected };
}

/** Hands over a receipt. @returns why that was of no use; the others have nothing to do with it */
function problemOf(found: FoundReceipt, take: (found: FoundReceipt) => void): string | undefined {
  try {
    take(found);
    return undefined;
  } catch (error) {
    return printable(`${found.where} cannot be used: ${(error as Error).message}`);
  }
}
