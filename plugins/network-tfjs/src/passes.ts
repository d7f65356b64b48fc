import * as tf from "@tensorflow/tfjs-core";
import { type Anatomy, type DenseLayer, valueOf } from "./anatomy.js";

/** From logits, row by row, to their derivatives. */
type Judge = (logits: Float32Array) => Float32Array;

/** The derivatives of a loss by what a model answers, row by row, and whether those by its inputs are wanted. */
interface Derivatives {
  readonly logits: Float32Array | undefined;
  readonly features: Float32Array | undefined;
  readonly inputs: boolean;
}

/** The derivatives of a loss by θ and, where they are wanted, by the inputs. */
interface Gradients {
  readonly theta: tf.Tensor1D;
  readonly x: tf.Tensor | undefined;
}

/** A model's ways forth and back, at the parameters that were set last; all within a tidy. */
export interface Passes {
  /** Takes parameters over from θ. */
  set(theta: tf.Tensor1D): void;
  /** The features and the logits of queries. */
  answer(x: tf.Tensor): { features: tf.Tensor; logits: tf.Tensor };
  /** A pass in training: the gradient by θ of what `judge` makes of the logits. */
  differentiate(x: tf.Tensor, judge: Judge): tf.Tensor1D;
  /** Back through what `answer` computes, from the derivatives by logits, features or both. */
  backward(x: tf.Tensor, by: Derivatives): Gradients;
  dispose(): void;
}

const sizesOf = (shapes: readonly (readonly number[])[]): number[] =>
  shapes.map((shape) => shape.reduce((product, side) => product * side, 1));

/** Any model's, by tfjs's tape. */
export function tapePasses({ model, weights, statistics }: Anatomy): Passes {
  const variables = weights.map(valueOf);
  const sizes = sizesOf(variables.map(({ shape }) => shape));
  const answers = (x: tf.Tensor, training: boolean) => model.apply(x, { training }) as tf.Tensor[];

  /** The gradient by θ, a part for each weight; weights that do not matter have none on the tape. */
  const joined = (grads: tf.NamedTensorMap): tf.Tensor1D =>
    tf.concat1d(
      variables.map(({ name, size }) =>
        name in grads ? tf.reshape<tf.Rank.R1>(grads[name], [size]) : tf.zeros<tf.Rank.R1>([size]),
      ),
    );

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
        return weighted(logits, delta);
      }, variables);
      value.dispose();
      const gradient = joined(grads);
      for (const part of Object.values(grads)) part.dispose();
      if (failure) throw failure.error;
      return gradient;
    },
    backward(given, by) {
      const x = tf.variable(given);
      try {
        const { grads } = tf.variableGrads(() => {
          const [features, logits] = answers(x, false);
          const sums = [
            ...(by.logits ? [weighted(logits, by.logits)] : []),
            ...(by.features ? [weighted(features, by.features)] : []),
          ];
          return tf.addN(sums);
        }, [...variables, x]);
        return { theta: joined(grads), x: grads[x.name] };
      } finally {
        x.dispose();
      }
    },
    dispose() {
      for (const weight of [...weights, ...statistics]) weight.dispose();
    },
  };
}

/** Σ values · delta, whose derivatives by the values are delta, whatever the loss. */
const weighted = (values: tf.Tensor, delta: Float32Array): tf.Scalar =>
  tf.sum<tf.Scalar>(tf.mul(values, tf.tensor(delta, values.shape)));

/** Those of dense layers in a row: without a tape, which costs more than the layers. */
export function densePasses(anatomy: Anatomy, layers: readonly DenseLayer[]): Passes {
  const sizes = layers.flatMap(({ inputs, outputs }) => [inputs * outputs, outputs]);
  const last = layers.length - 1;
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

  /** Back from the derivatives by the logits, and by the features where there are some, through the layers' values. */
  function back(
    values: readonly tf.Tensor2D[],
    logits: tf.Tensor2D,
    { features, inputs }: Pick<Derivatives, "features" | "inputs">,
  ): Gradients {
    let delta = logits;
    let x: tf.Tensor | undefined;
    const gradients: tf.Tensor1D[] = [];
    for (let l = last; l >= 0; l--) {
      const one = delta.shape[0] === 1;
      gradients.unshift(
        tf.reshape(one ? tf.mul(tf.reshape(values[l], [-1, 1]), delta) : tf.matMul(values[l], delta, true), [-1]),
        one ? tf.reshape(delta, [-1]) : tf.sum(delta, 0),
      );
      if (l === 0 && !inputs) break;
      const product = tf.matMul(delta, parts[2 * l], false, true);
      const below = l === last && features ? tf.add(product, tf.tensor(features, product.shape)) : product;
      if (l === 0) x = below;
      else delta = (layers[l - 1].relu ? tf.mul(below, tf.step(values[l])) : below) as tf.Tensor2D;
    }
    return { theta: tf.concat1d(gradients), x };
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
      return { features: values[last], logits: values[last + 1] };
    },
    differentiate(x, judge) {
      const values = forward(x);
      const logits = values[last + 1];
      const delta = tf.tensor2d(judge(logits.dataSync<"float32">()), logits.shape);
      return back(values, delta, { features: undefined, inputs: false }).theta;
    },
    backward(x, by) {
      const values = forward(x);
      const { shape } = values[last + 1];
      return back(values, by.logits ? tf.tensor2d(by.logits, shape) : tf.zeros(shape), by);
    },
    dispose() {
      for (const part of parts) part.dispose();
      for (const weight of [...anatomy.weights, ...anatomy.statistics]) weight.dispose();
    },
  };
}
