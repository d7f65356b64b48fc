import type { Example, Query } from "@everlearn/contracts";

/** An example without its answer and its task: what a term of the loss with a target of its own is made of. */
export function queryOf({ x, outputs }: Example): Query {
  return outputs ? { x, outputs } : { x };
}
