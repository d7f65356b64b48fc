import type { Network, Query } from "@everlearn/contracts";
import type { Engine } from "./engine.js";
import { checkOutputs, checkTerm, lossesOf } from "./loss.js";

/** Queries go through the model so many at a time, filled up with zeros: an answer's bits depend on how many there are. */
const QUERIES = 16;

/** What is asked of a network without changing it. */
export function createAnswers({
  outputs,
  run,
  passes,
  tensorOf,
}: Engine): Pick<Network, "logits" | "features" | "losses" | "predict"> {
  /** What the model makes of queries, part by part. */
  function answers(queries: readonly Query[], wanted: "features" | "logits"): Float32Array {
    let all: Float32Array | undefined;
    for (let from = 0; from < queries.length; from += QUERIES) {
      const part = queries.slice(from, from + QUERIES);
      const values = run(() => passes().answer(tensorOf(part, QUERIES))[wanted].dataSync<"float32">().slice());
      const width = values.length / QUERIES;
      all ??= new Float32Array(queries.length * width);
      all.set(values.subarray(0, part.length * width), from * width);
    }
    return all ?? new Float32Array();
  }

  return {
    logits: (queries) => answers(queries, "logits"),
    features: (queries) => answers(queries, "features"),
    losses(batch) {
      for (const term of batch) checkTerm(term, outputs);
      return lossesOf(batch, answers(batch, "logits"), outputs);
    },
    predict(queries) {
      for (const query of queries) checkOutputs(query, outputs);
      const logits = answers(queries, "logits");
      return Uint16Array.from(queries, ({ outputs: chosen }, i) => best(logits, i * outputs, outputs, chosen));
    },
  };
}

/** The first of the largest logits of a query's outputs, which begin `at`. */
function best(logits: Float32Array, at: number, outputs: number, chosen: readonly number[] | undefined): number {
  if (chosen !== undefined) return chosen.reduce((top, o) => (logits[at + o] > logits[at + top] ? o : top));
  let top = 0;
  for (let o = 1; o < outputs; o++) if (logits[at + o] > logits[at + top]) top = o;
  return top;
}
