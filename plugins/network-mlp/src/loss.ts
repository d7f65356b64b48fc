import { DivergedError, type Query, type Target, type Term } from "@everlearn/contracts";
import type { Layer } from "./layout.js";
import type { Memory } from "./memory.js";

/** The losses of terms whose inputs went through the layers already. */
export interface Losses {
  /** The loss of the term in a frame, its weight left out; fills the last layer's δ. @throws DivergedError, RangeError */
  of(frame: number, term: Term): number;
  /** The address of the lanes of ones for a query's outputs. */
  mask(query: Query): number;
}

export function createLosses(memory: Memory, last: Layer): Losses {
  const { kernel } = memory;
  const { outputs } = last;
  const mask = createMasks(memory, last);
  const target = memory.take(last.stride * 4);

  /** Takes the values of a target to where the kernel reads them. */
  function targetOf(values: Float32Array): number {
    if (values.length !== outputs)
      throw new RangeError(`A target has a value for each of the ${outputs} outputs, not ${values.length}.`);
    memory.floats.set(values, target / 4);
    return target;
  }

  function classLoss(frame: number, y: number, query: Query): number {
    if (!(y >= 0 && y < outputs && Number.isInteger(y)))
      throw new RangeError(`The network has outputs 0 to ${outputs - 1}; an example's y is ${y}.`);
    if (query.outputs !== undefined && !query.outputs.includes(y))
      throw new RangeError(`An example's y is ${y}, which is not among its outputs ${query.outputs.join(", ")}.`);
    return kernel.loss(frame, y, mask(query));
  }

  function targetLoss(frame: number, term: Query & Exclude<Target, { readonly y: number }>): number {
    if ("probabilities" in term)
      return kernel.softLoss(frame, targetOf(term.probabilities), mask(term), term.temperature ?? 1);
    if ("logits" in term)
      return kernel.squaredLoss(frame, targetOf(term.logits), mask(term), term.outputs?.length ?? outputs);
    return kernel.binaryLoss(frame, targetOf(term.sigmoids), mask(term));
  }

  return {
    of(frame, term) {
      const loss = "y" in term ? classLoss(frame, term.y, term) : targetLoss(frame, term);
      if (!Number.isFinite(loss)) throw new DivergedError(loss);
      return loss;
    },
    mask,
  };
}

/** Lanes of ones for the outputs that take part: for most examples all of them. */
function createMasks(memory: Memory, { outputs, stride }: Layer): (query: Query) => number {
  const all = memory.take(stride * 4);
  const some = memory.take(stride * 4);
  memory.words.fill(0xffffffff, all / 4, all / 4 + outputs);
  return ({ outputs: chosen }) => {
    if (chosen === undefined) return all;
    memory.words.fill(0, some / 4, some / 4 + stride);
    for (const output of chosen) {
      if (!(output >= 0 && output < outputs && Number.isInteger(output)))
        throw new RangeError(`The network has outputs 0 to ${outputs - 1}, not ${output}.`);
      memory.words[some / 4 + output] = 0xffffffff;
    }
    return some;
  };
}
