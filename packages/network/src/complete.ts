import type { FastPaths, Network, Optimizer, Parts, State, Stateful, Vector } from "@everlearn/contracts";
import { bound } from "./bound.js";
import { termLoss, unitsOf } from "./term-loss.js";

type Core = Parts["network"];
type Descent = Pick<FastPaths, "descend" | "step">;

/**
 * Completes a plugin's network for learners: fast paths that the plugin left out are derived from its core. With an
 * optimizer, `descend` and `step` move θ by its update.
 */
export function completeNetwork(core: Core, optimizer?: Optimizer): Network {
  return {
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
    ...bound(core, "vector", "trained", "gradient", "logits", "features", "save", "load", "dispose", "backward"),
    ...derivedAnswers(core),
    ...bound(core, "losses", "predict", "gram", "gradientGram"),
    ...(optimizer === undefined ? ownDescent(core) : optimizedDescent(core, optimizer)),
  };
}

/** Plain SGD: the core's own, and what it lacks of it derived. */
function ownDescent(core: Core): Descent {
  const { step = (gradient: Vector, rate: number | Vector) => moveAlong(core.theta, gradient, rate) } = bound(
    core,
    "step",
  );
  const { descend = descentBy(core, step) } = bound(core, "descend");
  return { descend, step };
}

/** θ ← θ − rate · gradient */
function moveAlong(theta: Vector, gradient: Vector, rate: number | Vector): void {
  if (typeof rate === "number") theta.add(gradient, -rate);
  else theta.addProduct(rate, gradient, -1);
}

/** Descent by the optimizer's updates; its state is saved beside the network's, once it has one. */
function optimizedDescent(core: Core, optimizer: Optimizer): Descent & Stateful {
  let used = false; // whether its state may be another than at its creation
  let created: State = null;
  function use(): void {
    if (used) return;
    created = optimizer.save();
    used = true;
  }
  function step(gradient: Vector, rate: number | Vector): void {
    use();
    optimizer.update(core.theta, gradient, rate);
  }
  return {
    step,
    descend: descentBy(core, step),
    save: () => ({ network: core.save(), optimizer: used ? optimizer.save() : null }),
    load(state) {
      const saved = state as { readonly network: State; readonly optimizer: State };
      core.load(saved.network);
      if (saved.optimizer !== null) {
        use();
        optimizer.load(saved.optimizer);
      } else if (used) {
        optimizer.load(created);
        used = false;
      }
    },
  };
}

/** Descends by steps along a batch's gradient, scaled down to `clip` where it is longer. */
function descentBy(core: Core, step: Descent["step"]): Descent["descend"] {
  let scratch: Vector | undefined;
  return (batch, rate, { clip = Infinity } = {}) => {
    const gradient = (scratch ??= core.vector());
    const loss = core.gradient(batch, gradient);
    const norm = clip < Infinity ? Math.sqrt(gradient.dot(gradient)) : 0;
    if (norm > clip) gradient.times(clip / norm);
    step(gradient, rate);
    return loss;
  };
}

/** Derives from a core every method that does not change θ. */
function derivedAnswers(core: Core): Omit<FastPaths, keyof Descent> {
  const row = (logits: Float32Array, i: number) => logits.subarray(i * core.outputs, (i + 1) * core.outputs);
  const gram = (vectors: readonly Vector[]): Float64Array =>
    Float64Array.from(vectors.flatMap((v) => vectors.map((w) => v.dot(w))));
  const scratch: Vector[] = [];
  return {
    losses(batch) {
      const logits = core.logits(batch);
      return Float32Array.from(batch, (term, i) => termLoss(term, row(logits, i)));
    },
    predict(queries) {
      const logits = core.logits(queries);
      return Uint16Array.from(queries, (query, i) => {
        const z = row(logits, i);
        return unitsOf(query, core.outputs).reduce((best, o) => (z[o] > z[best] ? o : best));
      });
    },
    gram,
    gradientGram(batch) {
      const gradients = batch.map((term, i) => {
        const gradient = (scratch[i] ??= core.vector());
        core.gradient([{ ...term, weight: 1 }], gradient);
        return gradient;
      });
      return core.gram?.(gradients) ?? gram(gradients);
    },
  };
}
