import type { Parts, Stateful } from "@everlearn/contracts";
import { bound } from "./bound.js";

type Core = Parts["network"];

/** A network whose gradients are counted. */
export interface CountedGradients {
  /** The network with the same members, each of whose calls goes on to the one that is counted. */
  readonly network: Core;
  /** The gradients of one term's loss that it has computed. */
  gradients(): number;
  /** The loss that it found last in `gradient` or `descend`, in nats; undefined before. For telemetry: no part of any state. */
  loss(): number | undefined;
  /** The count's state, apart from the network's, which a learner may save and load as it likes. */
  readonly count: Stateful;
}

/**
 * Counts the terms that a network is given in `gradient`, `descend` and `gradientGram`, and the queries in `backward`. It
 * counts before a network is completed: then the gradients of derived members are counted too, and none of them twice.
 */
export function countGradients(core: Core): CountedGradients {
  let gradients = 0;
  let loss: number | undefined;
  let disposed = false;
  const { descend, gradientGram, backward, ...others } = bound(
    core,
    ...(["vector", "trained", "logits", "features", "save", "load", "step", "losses", "predict", "gram"] as const),
    ...(["descend", "gradientGram", "backward"] as const),
  );
  return {
    network: {
      get theta() {
        return core.theta;
      },
      get inputs() {
        return core.inputs;
      },
      get outputs() {
        return core.outputs;
      },
      get layers() {
        return core.layers;
      },
      ...(core.tensors && { tensors: core.tensors }),
      ...others,
      gradient(batch, into) {
        gradients += batch.length;
        loss = core.gradient(batch, into);
        return loss;
      },
      ...(descend && {
        descend(batch, rate, options) {
          gradients += batch.length;
          loss = descend(batch, rate, options);
          return loss;
        },
      }),
      ...(gradientGram && {
        gradientGram(batch) {
          gradients += batch.length;
          return gradientGram(batch);
        },
      }),
      ...(backward && {
        backward(batch, ...rest) {
          gradients += batch.length;
          backward(batch, ...rest);
        },
      }),
      dispose() {
        if (!disposed) core.dispose();
        disposed = true;
      },
    },
    gradients: () => gradients,
    loss: () => loss,
    count: {
      save: () => gradients,
      load(state) {
        gradients = state as number;
      },
    },
  };
}
