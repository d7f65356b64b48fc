import type { Backward } from "@everlearn/contracts";
import * as tf from "@tensorflow/tfjs-core";
import type { Engine } from "./engine.js";
import { PART } from "./training.js";

/** Back-propagation of a loss that the model does not know, through what it answers. */
export function createBackward({ inputs, outputs, vectors, parameters, run, passes, tensorOf }: Engine): Backward {
  let width: number | undefined; // of a query's features
  const featuresOf = (): number => (width ??= run(() => passes().answer(tensorOf([], 1)).features.size));

  return {
    backward(batch, logits, features, into, inputGradients) {
      checkLength("∂L/∂logits", logits, batch.length, () => outputs);
      checkLength("∂L/∂features", features, batch.length, featuresOf);
      checkLength("∂L/∂inputs", inputGradients, batch.length, () => inputs);
      const target = vectors.cellOf(into);
      const relevant = (logits ?? features) ? batch : []; // a loss that depends on neither has no derivatives
      run(() => {
        let total: tf.Tensor1D = tf.zerosLike(parameters.read());
        inputGradients?.fill(0);
        for (let from = 0; from < relevant.length; from += PART) {
          const part = relevant.slice(from, from + PART);
          const rows = (values: Float32Array | null) => {
            const each = (values?.length ?? 0) / batch.length;
            return values?.subarray(from * each, (from + part.length) * each);
          };
          const by = { logits: rows(logits), features: rows(features), inputs: inputGradients !== undefined };
          const { theta, x } = passes().backward(tensorOf(part), by);
          total = tf.add(total, theta);
          if (x) inputGradients?.set(x.dataSync<"float32">(), from * inputs);
        }
        target.write(tf.keep(total));
      });
    },
  };
}

/** @throws RangeError where derivatives are given that are too few or too many */
function checkLength(
  what: string,
  values: Float32Array | null | undefined,
  queries: number,
  width: () => number,
): void {
  if (!values || (queries === 0 && values.length === 0)) return;
  const each = width();
  if (values.length !== queries * each)
    throw new RangeError(
      `${what} has ${each} numbers for each of ${queries} queries, ${queries * each} in all, not ${values.length}.`,
    );
}
