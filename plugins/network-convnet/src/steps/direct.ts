import { rowOf } from "@everlearn/wasm";
import type { ConvolutionStep } from "../plan.js";
import type { Method } from "./method.js";
import type { Setting } from "./step.js";

/** Examples for which a dense layer's weights are not transposed first. */
export const FEW = 4;

/** By definition. */
export function direct(
  { in: x, out, sweep, weights }: ConvolutionStep,
  { memory, shared }: Setting,
  record: number,
): Method {
  const { kernel } = memory;
  const [ci, co, taps] = [rowOf(x.channels), rowOf(out.channels), sweep.size[0] * sweep.size[1]];
  const at = weights.offset * 4;
  const [transposed] = shared(taps * ci * co * 4); // [tap][out][in]
  const dense = x.height === 1 && x.width === 1 && taps === 1;
  return {
    forward: (theta, from, to, bias, n) => kernel.convolve(record, from, to, theta + at, bias, n),
    backward({ theta, outDelta, x: from, xDelta, gradient, n }) {
      if (xDelta && dense && n <= FEW) kernel.denseInputs(record, xDelta, outDelta, theta + at, n);
      else if (xDelta) {
        kernel.transposeWeights(theta + at, transposed(), taps, ci, co);
        kernel.convolveInputs(record, xDelta, outDelta, transposed(), n);
      }
      if (gradient) kernel.convolveWeights(record, from, outDelta, gradient + at, n);
    },
  };
}
