import { rowOf } from "@everlearn/wasm";
import type { ConvolutionStep } from "../plan.js";
import { recordOf } from "../room.js";
import { direct } from "./direct.js";
import type { Method } from "./method.js";
import { sparse } from "./sparse.js";
import type { Setting, Working } from "./step.js";

/** A convolution and its bias. */
export function convolution(step: ConvolutionStep, setting: Setting): Working {
  const { memory, theta, zeros } = setting;
  const { kernel } = memory;
  const { sweep, bias, learns } = step;
  const record = memory.take(14 * 4);
  memory.words.set(
    [...recordOf(step.in), ...recordOf(step.out), ...sweep.size, sweep.stride, sweep.padding],
    record / 4,
  );
  const method = methodOf(step)(step, setting, record);
  return {
    forward({ room, n }) {
      const biases = bias ? theta.address + bias.offset * 4 : zeros;
      method.forward(theta.address, room.of(step.in).values, room.of(step.out).values, biases, n);
    },
    backward({ room, n, gradient, inputs }) {
      const [x, out] = [room.of(step.in), room.of(step.out)];
      method.backward({
        ...{ theta: theta.address, outDelta: out.deltas, x: x.values, n },
        xDelta: step.in.learns || inputs ? x.deltas : 0,
        gradient: learns ? gradient : 0,
      });
      if (learns && bias) kernel.sumPixels(out.record, out.deltas, gradient + bias.offset * 4, n);
    },
  };
}

function methodOf(step: ConvolutionStep): (step: ConvolutionStep, setting: Setting, record: number) => Method {
  const { groups, in: x, out } = step;
  if (groups === 1) return isWinograd(step) ? winograd : sparse;
  return groups === x.channels && groups === out.channels ? depthwise : grouped;
}

/** Whether tiles of 2 × 2 outputs fit, and channels are enough to pay for their transforms. */
function isWinograd({ sweep: { size, stride, padding }, groups, in: x, out }: ConvolutionStep): boolean {
  const three = size[0] === 3 && size[1] === 3 && stride === 1 && padding === 1 && groups === 1;
  return three && out.height % 2 === 0 && out.width % 2 === 0 && Math.min(x.channels, out.channels) >= 16;
}

function depthwise({ weights }: ConvolutionStep, { memory }: Setting, record: number): Method {
  const { kernel } = memory;
  const at = weights.offset * 4;
  return {
    forward: (theta, from, to, bias, n) => kernel.depthwise(record, from, to, theta + at, bias, n),
    backward({ theta, outDelta, x, xDelta, gradient, n }) {
      if (xDelta) kernel.depthwiseInputs(record, xDelta, outDelta, theta + at, n);
      if (gradient) kernel.depthwiseWeights(record, x, outDelta, gradient + at, n);
    },
  };
}

/** As a convolution over all channels, with zeros between different groups. */
function grouped(step: ConvolutionStep, setting: Setting, record: number): Method {
  const { memory } = setting;
  const { kernel } = memory;
  const { in: x, out, sweep, groups } = step;
  const [ci, co, taps] = [rowOf(x.channels), rowOf(out.channels), sweep.size[0] * sweep.size[1]];
  const at = step.weights.offset * 4;
  const record6 = memory.take(6 * 4);
  memory.words.set([taps, groups, x.channels / groups, out.channels, ci, co], record6 / 4);
  const bytes = taps * ci * co * 4;
  const weights = memory.take(bytes);
  let gradients = 0; // room for theirs, once it is needed
  const whole = direct({ ...step, weights: { ...step.weights, offset: 0 } }, setting, record);
  return {
    forward(theta, from, to, bias, n) {
      kernel.spreadGroups(record6, theta + at, weights);
      whole.forward(weights, from, to, bias, n);
    },
    backward(back) {
      kernel.spreadGroups(record6, back.theta + at, weights);
      if (back.gradient) {
        gradients ||= memory.take(bytes);
        kernel.zero(gradients, bytes);
      }
      whole.backward({ ...back, theta: weights, gradient: back.gradient && gradients });
      if (back.gradient) kernel.gatherGroups(record6, gradients, back.gradient + at);
    },
  };
}

/** Winograd's minimal filtering. Transformed weights, and the gradient by them, share their room with all other layers'. */
function winograd(
  { in: x, out, weights }: ConvolutionStep,
  { memory, scratch, zeros, shared }: Setting,
  record: number,
): Method {
  const { kernel } = memory;
  const { address: room, floats } = scratch;
  const [ci, co] = [rowOf(x.channels), rowOf(out.channels)];
  const at = weights.offset * 4;
  const [u, transposed] = shared(16 * ci * co * 4);
  return {
    forward(theta, from, to, bias, n) {
      kernel.winogradWeights(theta + at, u(), 0, ci, co);
      kernel.winograd(record, from, to, u(), bias, n, room, floats, zeros);
    },
    backward({ theta, outDelta, x: from, xDelta, gradient, n }) {
      if (xDelta) kernel.winogradWeights(theta + at, u(), transposed(), ci, co);
      const byU = gradient && u();
      kernel.winogradBackward(record, from, outDelta, transposed(), xDelta, byU, n, room, floats, zeros);
      if (gradient) kernel.winogradGradient(byU, gradient + at, ci, co);
    },
  };
}
