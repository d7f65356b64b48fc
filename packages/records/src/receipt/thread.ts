// A thread that says what is wrong with texts of receipts, as many at once as it is sent.
import { parentPort } from "node:worker_threads";
import { parseReceipt, type ReceiptProblem, type ReceiptText } from "./parse.js";

/** Why a text is rejected; null where it is not. */
export type Problem = string | null;

parentPort?.on("message", (texts: readonly (ReceiptText | ReceiptProblem)[]) => {
  parentPort?.postMessage(texts.map(problemOf));
});

function problemOf(one: ReceiptText | ReceiptProblem): Problem {
  const found = "problem" in one ? one : parseReceipt(one);
  return "problem" in found ? found.problem : null;
}
