// A thread that says what is wrong with texts of receipts, as many at once as it is sent.
import { parentPort } from "node:worker_threads";
import { parsed, type ReceiptProblem, type Text } from "./parsed.js";

/** What is wrong with a text; null: nothing. */
export type Verdict = string | null;

parentPort?.on("message", (texts: readonly (Text | ReceiptProblem)[]) => {
  parentPort?.postMessage(texts.map(verdict));
});

function verdict(one: Text | ReceiptProblem): Verdict {
  const found = "problem" in one ? one : parsed(one);
  return "problem" in found ? found.problem : null;
}
