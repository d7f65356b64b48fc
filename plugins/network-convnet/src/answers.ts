import type { Backward, Network, Query } from "@everlearn/contracts";
import { KernelVector } from "@everlearn/wasm";
import { type Engine, GROUP } from "./engine.js";
import type { Image } from "./plan.js";
import type { Pass } from "./steps/step.js";

type Answers = Pick<Network, "logits" | "features" | "losses" | "predict"> & Backward;

/** What is asked of a network without changing it. Batch normalisations answer by their running statistics. */
export function createAnswers(engine: Engine, size: { readonly inputs: number; readonly outputs: number }): Answers {
  const { memory, plan, losses, transfer } = engine;
  const { features: featureImage, logits: logitImage, input } = plan;
  const featureSize = featureImage.height * featureImage.width * featureImage.channels;

  /** Takes queries forward, group by group. */
  function each<Q extends Query>(queries: readonly Q[], visit: (part: readonly Q[], pass: Pass, from: number) => void) {
    for (let from = 0; from < queries.length; from += GROUP) {
      const part = queries.slice(from, from + GROUP);
      visit(part, engine.forward(part, false), from);
    }
  }

  function valuesOf(image: Image, queries: readonly Query[]): Float32Array {
    const width = image.height * image.width * image.channels;
    const values = new Float32Array(queries.length * width);
    each(queries, (_, { room, n }, from) => values.set(transfer.valuesOf(room.of(image), n, "values"), from * width));
    return values;
  }

  return {
    logits: (queries) => valuesOf(logitImage, queries),
    features: (queries) => valuesOf(featureImage, queries),
    losses(batch) {
      const values = new Float32Array(batch.length);
      each(batch, (part, pass, from) => {
        part.forEach((term, i) => {
          values[from + i] = engine.loss(pass, term, i, 1);
        });
      });
      return values;
    },
    predict(queries) {
      const answers = new Uint16Array(queries.length);
      each(queries, (part, { room }, from) => {
        const { values, bytes } = room.of(logitImage);
        part.forEach((query, i) => {
          answers[from + i] = losses.answer(query, values + i * bytes);
        });
      });
      return answers;
    },
    backward(batch, logits, features, into, inputGradients) {
      checkLength("∂L/∂logits", logits, batch.length, size.outputs);
      checkLength("∂L/∂features", features, batch.length, featureSize);
      checkLength("∂L/∂inputs", inputGradients, batch.length, size.inputs);
      const target = KernelVector.in(memory, into);
      target.clear();
      const gradient = target.address;
      const part = (values: Float32Array, from: number, n: number, width: number) =>
        values.subarray(from * width, (from + n) * width);
      each(batch, (_, pass, from) => {
        const { room, n } = pass;
        const { deltas, channels } = room.of(logitImage);
        for (let i = 0; i < n; i++) {
          const at = deltas / 4 + i * channels;
          memory.floats.fill(0, at, at + channels);
          if (logits) memory.floats.set(part(logits, from + i, 1, size.outputs), at);
        }
        const byFeatures = features ? part(features, from, n, featureSize) : undefined;
        engine.backward(pass, { gradient, features: byFeatures, inputs: inputGradients !== undefined });
        inputGradients?.set(transfer.valuesOf(room.of(input), n, "deltas"), from * size.inputs);
      });
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
