import type { Backward } from "@everlearn/contracts";
import { KernelVector } from "@everlearn/wasm";
import type { Engine } from "./engine.js";

/** Back-propagation of a loss that the kernel does not know. */
export function createBackward({ memory, layers, frames, theta, sum }: Engine): Backward {
  const { kernel } = memory;
  const { network } = frames;
  const [{ inputs }] = layers;
  const last = layers[layers.length - 1];
  const linear = layers.length === 1;
  let featureRow = 0; // room for a query's ∂L/∂features, once they are given
  let inputRow = 0; // and for its ∂L/∂inputs

  /** Takes row `i` of an array to a row of the memory that is padded with zeros, or fills that with zeros. */
  function place(values: Float32Array | null, i: number, address: number, n: number, stride: number): void {
    const start = address / 4;
    memory.floats.fill(0, start, start + stride);
    if (values) memory.floats.set(values.subarray(i * n, (i + 1) * n), start);
  }

  return {
    backward(batch, logits, features, into, inputGradients) {
      checkLength("∂L/∂logits", logits, batch.length, last.outputs);
      checkLength("∂L/∂features", features, batch.length, last.inputs);
      checkLength("∂L/∂inputs", inputGradients, batch.length, inputs);
      const target = KernelVector.in(memory, into);
      if (features && featureRow === 0) featureRow = memory.take((last.inputs + 4) * 4);
      if (inputGradients && inputRow === 0) inputRow = memory.take(inputs * 4);
      sum(target, batch, (_, frame, i) => {
        place(logits, i, frame + frames.delta, last.outputs, last.stride);
        if (features && !linear) place(features, i, featureRow, last.inputs, last.inputs);
        kernel.backward(network, theta.address, frame, features && !linear ? featureRow : 0);
        kernel.update(network, target.address, frame, -1);
        if (!inputGradients) return;
        kernel.inputGradient(network, theta.address, frame, inputRow);
        inputGradients.set(memory.floats.subarray(inputRow / 4, inputRow / 4 + inputs), i * inputs);
      });
      // A linear model's features are its inputs.
      if (inputGradients && features && linear)
        for (let i = 0; i < features.length; i++) inputGradients[i] += features[i];
    },
  };
}

/** @throws RangeError where derivatives are given that are too few or too many */
function checkLength(what: string, values: Float32Array | null | undefined, queries: number, each: number): void {
  if (values && values.length !== queries * each)
    throw new RangeError(
      `${what} has ${each} numbers for each of ${queries} queries, ${queries * each} in all, not ${values.length}.`,
    );
}
