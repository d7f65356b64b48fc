import * as tf from "@tensorflow/tfjs-core";
import { type Anatomy, type DenseLayer, valueOf } from "./anatomy.js";

/** From logits, row by row, to their derivatives. */
type Judge = (logits: Float32Array) => Float32Array;

/** A model's ways forth and back, at the parameters that were set last; all within a tidy. */
export interface Passes {
  /** Takes parameters over from θ. */
  set(theta: tf.Tensor1D): void;
  /** The features and the logits of queries. */
  answer(x: tf.Tensor): { features: tf.Tensor; logits: tf.Tensor };
  /** A pass in training: the gradient by θ of what `judge` makes of the logits. */
  differentiate(x: tf.Tensor, judge: Judge): tf.Tensor1D;
  dispose(): void;
}

const sizesOf = (shapes: readonly (readonly number[])[]): number[] =>
  shapes.map((shape) => shape.reduce((product, side) => product * side, 1));

/** Any model's, by tfjs's tape. */
export function tapePasses({ model, weights, statistics }: Anatomy): Passes {
  const variables = weights.map(valueOf);
  const sizes = sizesOf(variables.map(({ shape }) => shape));
  const answers = (x: tf.Tensor, training: boolean) => model.apply(x, { training }) as tf.Tensor[];
  return {
    set(theta) {
      tf.split(theta, sizes).forEach((part, i) => variables[i].assign(tf.reshape(part, variables[i].shape)));
    },
    answer(x) {
      const [features, logits] = answers(x, false);
      return { features, logits };
    },
    differentiate(x, judge) {
      let failure: { readonly error: unknown } | undefined;
      const { value, grads } = tf.variableGrads(() => {
        const [, logits] = answers(x, true);
        let delta: Float32Array = new Float32Array(logits.size);
        try {
          delta = judge(logits.dataSync<"float32">());
        } catch (error) {
          failure = { error }; // thrown later: a tape that breaks off keeps its tensors for good
        }
        // Its derivatives by the logits are the judge's, whatever the loss.
        return tf.sum<tf.Scalar>(tf.mul(logits, tf.tensor(delta, logits.shape)));
      }, variables);
      value.dispose();
      const parts = variables.map(({ name, size }) =>
        name in grads ? tf.reshape<tf.Rank.R1>(grads[name], [size]) : tf.zeros<tf.Rank.R1>([size]),
      );
      const gradient = tf.concat1d(parts);
      for (const part of Object.values(grads)) part.dispose();
      if (failure) throw failure.error;
      return gradient;
    },
    dispose() {
      for (const weight of [...weights, ...statistics]) weight.dispose();
    },
  };
}

/** Those of dense layers in a row: without a tape, which costs more than the layers. */
export function densePasses(anatomy: Anatomy, layers: readonly DenseLayer[]): Passes {
  const sizes = layers.flatMap(({ inputs, outputs }) => [inputs * outputs, outputs]);
  let parts: tf.Tensor[] = [];

  /** Each layer's output, the input before them. */
  function forward(x: tf.Tensor): tf.Tensor2D[] {
    const values = [tf.reshape<tf.Rank.R2>(x, [x.shape[0], layers[0].inputs])];
    layers.forEach(({ relu }, l) => {
      const [a, b, bias] = [values[l], parts[2 * l] as tf.Tensor2D, parts[2 * l + 1]];
      values.push(tf.fused.matMul({ a, b, bias, activation: relu ? "relu" : "linear" }) as tf.Tensor2D);
    });
    return values;
  }

  return {
    set(theta) {
      for (const part of parts) part.dispose();
      parts = tf
        .split(theta, sizes)
        .map((part, i) =>
          tf.keep(i % 2 === 0 ? tf.reshape(part, [layers[i >> 1].inputs, layers[i >> 1].outputs]) : part),
        );
    },
    answer(x) {
      const values = forward(x);
      return { features: values[layers.length - 1], logits: values[layers.length] };
    },
    differentiate(x, judge) {
      const values = forward(x);
      const logits = values[layers.length];
      let delta: tf.Tensor2D = tf.tensor2d(judge(logits.dataSync<"float32">()), logits.shape);
      const gradients: tf.Tensor1D[] = [];
      for (let l = layers.length - 1; l >= 0; l--) {
        const one = delta.shape[0] === 1;
        gradients.unshift(
          tf.reshape(one ? tf.mul(tf.reshape(values[l], [-1, 1]), delta) : tf.matMul(values[l], delta, true), [-1]),
          one ? tf.reshape(delta, [-1]) : tf.sum(delta, 0),
        );
        if (l === 0) break;
        const back = tf.matMul(delta, parts[2 * l], false, true);
        delta = (layers[l - 1].relu ? tf.mul(back, tf.step(values[l])) : back) as tf.Tensor2D;
      }
      return tf.concat1d(gradients);
    },
    dispose() {
      for (const part of parts) part.dispose();
      for (const weight of [...anatomy.weights, ...anatomy.statistics]) weight.dispose();
    },
  };
}
