import type { Network, Random, Term } from "@everlearn/contracts";
import * as tf from "@tensorflow/tfjs-core";
import { drawingFrom } from "./chance.js";
import type { Engine } from "./engine.js";
import { checkTerm, judge } from "./loss.js";
import { productsOf } from "./vector.js";

/** Terms and queries are differentiated so many at a time, so that memory does not grow with a buffer. */
export const PART = 256;

/**
 * How θ changes, and gradients of losses.
 * @param chance draws what training draws, such as dropout's masks
 */
export function createTraining(
  { anatomy, outputs, vectors, theta, parameters, run, passes, tensorOf }: Engine,
  chance: Random,
): Pick<Network, "descend" | "step" | "gradient" | "gradientGram"> {
  const together = anatomy.statistics.length > 0; // a batch's examples are normalised with each other

  /** The batch's loss, and its gradient times `scale`. */
  function differentiate(batch: readonly Term[], scale: number): { loss: number; gradient: tf.Tensor1D } {
    for (const term of batch) checkTerm(term, outputs);
    const size = together ? batch.length : PART;
    let [sum, total]: [number, tf.Tensor1D | undefined] = [0, undefined];
    for (let from = 0; from < batch.length; from += size) {
      const part = batch.slice(from, from + size);
      const share = part.length / batch.length;
      const now = passes();
      const gradient = tf.tidy(() =>
        drawingFrom(chance, () =>
          now.differentiate(tensorOf(part), (logits) => {
            const { loss, delta } = judge(part, logits, outputs, scale * share);
            sum += share * loss;
            return delta;
          }),
        ),
      );
      total = total ? tf.add(total, gradient) : gradient;
    }
    return { loss: sum, gradient: total as tf.Tensor1D };
  }

  return {
    descend(batch, rate, { clip = Infinity } = {}) {
      if (batch.length === 0) throw new RangeError("A step needs at least one example.");
      return run(() => {
        const { loss, gradient } = differentiate(batch, clip === Infinity ? rate : 1);
        let change = gradient;
        if (clip !== Infinity) {
          const norm = tf.sqrt(tf.sum(tf.square(change)));
          change = tf.mul(change, tf.mul(rate, tf.div(clip, tf.maximum(norm, clip))));
        }
        parameters.write(tf.keep(tf.sub(parameters.read(), change)));
        return loss;
      });
    },
    step(gradient, rate) {
      if (typeof rate === "number") theta.add(gradient, -rate);
      else theta.addProduct(rate, gradient, -1);
    },
    gradient(batch, into) {
      if (batch.length === 0) throw new RangeError("A gradient needs at least one example.");
      const target = vectors.cellOf(into);
      return run(() => {
        const { loss, gradient } = differentiate(batch, 1);
        target.write(tf.keep(gradient));
        return loss;
      });
    },
    gradientGram: (batch) =>
      run(() => productsOf(batch.map((term) => differentiate([{ ...term, weight: 1 }], 1).gradient))),
  };
}
