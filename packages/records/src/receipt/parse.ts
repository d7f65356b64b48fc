import type { Check } from "@everlearn/composition";
import { digest } from "@everlearn/digest";
import { checker } from "../check.js";
import { printable } from "../printable.js";
import { JsonError, parseWritten } from "../spec/json.js";
import { unpackPredictions } from "./predictions.js";
import { type Receipt, sealOf } from "./receipt.js";
import { receiptSchema } from "./schema.js";

/** A text that may be a receipt, and its place. */
export interface ReceiptText {
  readonly text: string;
  /** Its file, and the line where the file has several: "results/mer.jsonl:3". */
  readonly where: string;
}

/** A receipt and its place. */
export interface FoundReceipt {
  readonly receipt: Receipt;
  /** Its file, and the line where the file has several: "results/mer.jsonl:3". */
  readonly where: string;
}

/** A file or receipt that is rejected; others can still be read. */
export interface ReceiptProblem {
  /** A sentence that begins with the place. */
  readonly problem: string;
}

/** A receipt's spec has at most so many characters, as a spec's file has bytes. */
const longestSpec = 1024 * 1024;

let check: Check | undefined;

/**
 * Parses a receipt, and checks that it is complete and unchanged, as far as that can be seen without running it again. It
 * throws for no text.
 */
export function parseReceipt({ text, where }: ReceiptText): FoundReceipt | ReceiptProblem {
  try {
    const value = parseWritten(text);
    check ??= checker(receiptSchema, "field", false);
    const [problem = unbelievable(value as Receipt, where, text.length)] = check(value, `${where}: `);
    return problem === undefined ? { receipt: value as Receipt, where } : { problem: printable(problem) };
  } catch (error) {
    const why =
      error instanceof JsonError
        ? `line ${error.line}, column ${error.column}: ${error.message}`
        : (error as Error).message;
    return { problem: printable(`${where} is damaged, or no receipt: ${why}.`) };
  }
}

/** Why a receipt of the right form cannot be believed; undefined where nothing speaks against it. */
function unbelievable(receipt: Receipt, where: string, length: number): string | undefined {
  const { seed, spec, specId, cellId, seal, predictions, weights, journal } = receipt;
  if (cellId !== digest({ specId, seed }))
    return `${where} is not a cell's receipt: its cellId does not follow from its specId and its seed, ${seed}.`;
  // Whoever wrote these fields wrote a seal too.
  if (seal === undefined ? (weights ?? journal) !== undefined : seal !== sealOf(receipt))
    return `${where} was changed after it was written: its seal ${seal === undefined ? "is gone" : "does not match"}.`;
  if (length > longestSpec && JSON.stringify(spec).length > longestSpec)
    return `${where} has a spec of more than ${longestSpec} characters, the most that a spec may have.`;
  // The seal is over their hash.
  if (predictions?.deflated !== undefined && unpackPredictions(predictions) === undefined)
    return `${where} was changed after it was written: its answers do not match their hash.`;
  return undefined;
}
