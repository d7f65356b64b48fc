import type { Network, Query } from "@everlearn/contracts";
import type { Engine } from "./engine.js";

/** What is asked of a network without changing it. */
export function createAnswers({
  memory,
  layers,
  frames,
  losses,
  forwardAll,
  reused,
  loss,
}: Engine): Pick<Network, "logits" | "features" | "losses" | "predict"> {
  const last = layers.length - 1;

  /** Each query's values of a layer, before ReLU. */
  function valuesOf(layer: number, queries: readonly Query[]): Float32Array {
    const { outputs: n } = layers[layer];
    const values = new Float32Array(queries.length * n);
    forwardAll(queries, reused, (_, frame, i) => {
      const start = (frame + frames.outputs[layer]) / 4;
      values.set(memory.floats.subarray(start, start + n), i * n);
    });
    return values;
  }

  return {
    logits: (queries) => valuesOf(last, queries),
    features(queries) {
      if (last === 0) return inputsOf(queries, layers[0].inputs);
      const values = valuesOf(last - 1, queries);
      for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i], 0);
      return values;
    },
    losses(batch) {
      const values = new Float32Array(batch.length);
      forwardAll(batch, reused, (term, frame, i) => {
        values[i] = loss(term, frame);
      });
      return values;
    },
    predict(queries) {
      const answers = new Uint16Array(queries.length);
      forwardAll(queries, reused, (query, frame, i) => {
        answers[i] = losses.answer(query, frame + frames.outputs[last]);
      });
      return answers;
    },
  };
}

/** The queries' inputs as numbers. */
function inputsOf(queries: readonly Query[], inputs: number): Float32Array {
  const values = new Float32Array(queries.length * inputs);
  queries.forEach(({ x }, i) => {
    values.set(x instanceof Uint8Array ? Float32Array.from(x, (byte) => byte / 255) : x, i * inputs);
  });
  return values;
}
