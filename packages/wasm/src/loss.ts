import { DivergedError, type Query, type Target, type Term } from "@everlearn/contracts";
import type { Memory } from "./memory.js";

/** What rows of logits in a memory cost and answer. Rows of logits and of derivatives are padded as `rowOf` says. */
export interface Losses {
  /**
   * The loss of a term whose logits are at an address, its weight left out.
   * @param delta where the derivatives of the loss by the logits go
   * @throws RangeError for a target that does not fit, DivergedError where the loss is not finite
   */
  loss(term: Term, logits: number, delta: number): number;
  /** The output unit of the largest logit among those that a query asks for, the first of equals. @throws RangeError */
  answer(query: Query, logits: number): number;
}

/** The float32 that a row of numbers takes in memory: zeros fill it up to a multiple of 4. */
export const rowOf = (numbers: number): number => Math.ceil(numbers / 4) * 4;

/** The losses of a network with so many output units. */
export function createLosses(memory: Memory, outputs: number): Losses {
  const { kernel } = memory;
  const bytes = rowOf(outputs) * 4;
  const maskOf = createMasks(memory, outputs);
  const target = memory.take(bytes);

  /** Takes the values of a target to where the kernel reads them. */
  function targetOf(values: Float32Array): number {
    if (values.length !== outputs)
      throw new RangeError(`A target has a value for each of the ${outputs} outputs, not ${values.length}.`);
    memory.floats.set(values, target / 4);
    return target;
  }

  function classLoss(y: number, query: Query, logits: number, delta: number): number {
    if (!(y >= 0 && y < outputs && Number.isInteger(y)))
      throw new RangeError(`The network has outputs 0 to ${outputs - 1}; an example's y is ${y}.`);
    if (query.outputs !== undefined && !query.outputs.includes(y))
      throw new RangeError(`An example's y is ${y}, which is not among its outputs ${query.outputs.join(", ")}.`);
    return kernel.crossEntropy(logits, delta, bytes, maskOf(query), y);
  }

  function targetLoss(term: Query & Exclude<Target, { readonly y: number }>, logits: number, delta: number): number {
    if ("probabilities" in term) {
      const { probabilities, temperature = 1 } = term;
      return kernel.softCrossEntropy(logits, delta, bytes, maskOf(term), targetOf(probabilities), temperature);
    }
    if ("logits" in term) {
      const taking = term.outputs?.length ?? outputs;
      return kernel.squaredDifference(logits, delta, bytes, maskOf(term), targetOf(term.logits), taking);
    }
    return kernel.binaryCrossEntropy(logits, delta, bytes, maskOf(term), targetOf(term.sigmoids));
  }

  return {
    loss(term, logits, delta) {
      const loss = "y" in term ? classLoss(term.y, term, logits, delta) : targetLoss(term, logits, delta);
      if (!Number.isFinite(loss)) throw new DivergedError(loss);
      return loss;
    },
    answer: (query, logits) => kernel.argmax(logits, bytes, maskOf(query)),
  };
}

/** Lanes of ones for the outputs that take part: for most examples all of them. */
function createMasks(memory: Memory, outputs: number): (query: Query) => number {
  const row = rowOf(outputs);
  const all = memory.take(row * 4);
  const some = memory.take(row * 4);
  memory.words.fill(0xffffffff, all / 4, all / 4 + outputs);
  return ({ outputs: chosen }) => {
    if (chosen === undefined) return all;
    memory.words.fill(0, some / 4, some / 4 + row);
    for (const output of chosen) {
      if (!(output >= 0 && output < outputs && Number.isInteger(output)))
        throw new RangeError(`The network has outputs 0 to ${outputs - 1}, not ${output}.`);
      memory.words[some / 4 + output] = 0xffffffff;
    }
    return some;
  };
}
