import type { Check } from "@everlearn/composition";
import { digest } from "@everlearn/digest";
import { checker } from "../check.js";
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

const forbidden = new Set(["__proto__", "constructor", "prototype"]);
/** Whether a text may hold such a key, written plainly or with escapes; few do, and to look at every key takes long. */
const suspicious = /__proto__|constructor|prototype|\\u/;

let check: Check | undefined;

/**
 * Parses a receipt, and checks that it is complete and unchanged, as far as that can be seen without running it again.
 */
export function parseReceipt({ text, where }: ReceiptText): FoundReceipt | ReceiptProblem {
  let value: unknown;
  try {
    value = suspicious.test(text) ? JSON.parse(text, allowed) : JSON.parse(text);
  } catch (error) {
    return { problem: `${where} is damaged, or no receipt: ${(error as Error).message}.` };
  }
  check ??= checker(receiptSchema, "field");
  const [problem] = check(value, `${where}: `);
  if (problem !== undefined) return { problem };
  const receipt = value as Receipt;
  const { seed, specId, cellId, seal, predictions } = receipt;
  if (cellId !== digest({ specId, seed }))
    return {
      problem: `${where} is no cell's receipt: its cellId does not follow from its specId and its seed, ${seed}.`,
    };
  if (seal !== undefined && seal !== sealOf({ ...receipt }))
    return { problem: `${where} was changed after it was written: its seal does not fit.` };
  // The seal is over their hash.
  if (predictions?.deflated !== undefined && unpackPredictions(predictions) === undefined)
    return {
      problem: `${where} was changed after it was written: its answers are not those of which it has the hash.`,
    };
  return { receipt, where };
}

function allowed(key: string, value: unknown): unknown {
  if (forbidden.has(key)) throw new SyntaxError(`the key "${key}" is not allowed`);
  return value;
}
