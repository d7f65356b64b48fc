import type { Network, Term, Vector } from "@everlearn/contracts";
import { KernelVector } from "@everlearn/wasm";
import { type Engine, GROUP } from "./engine.js";

/** How θ changes, and gradients of a batch's loss. */
export function createTraining(
  engine: Engine,
  vector: () => KernelVector,
): Pick<Network, "gradient" | "descend" | "step"> {
  const { memory, plan, theta } = engine;
  /** Whether a batch's examples are normalised with each other, and must pass together. */
  const together = plan.steps.some((step) => step.step === "norm" && step.running !== undefined && step.learns);
  let scratch: KernelVector | undefined;

  /** Adds `scale` times the gradient of Σ weight · loss to a vector, part by part. @returns Σ weight · loss */
  function pass(batch: readonly Term[], scale: number, gradient: number): number {
    const size = together ? batch.length : GROUP;
    let total = 0;
    for (let from = 0; from < batch.length; from += size) {
      const part = batch.slice(from, from + size);
      const now = engine.forward(part, true);
      part.forEach((term, i) => {
        total += (term.weight ?? 1) * engine.loss(now, term, i, scale);
      });
      engine.backward(now, { gradient });
    }
    return total;
  }

  /** into ← ∇loss. @returns the loss */
  function gradient(batch: readonly Term[], into: KernelVector): number {
    into.clear();
    return pass(batch, 1 / batch.length, into.address) / batch.length;
  }

  return {
    gradient(batch, into) {
      if (batch.length === 0) throw new RangeError("A gradient needs at least one example.");
      return gradient(batch, KernelVector.in(memory, into));
    },
    descend(batch, rate, { clip = Infinity } = {}) {
      if (batch.length === 0) throw new RangeError("A step needs at least one example.");
      // Back-propagation is linear: with −rate in the loss's derivatives, gradients go straight into θ.
      if (clip === Infinity && (together || batch.length <= GROUP))
        return pass(batch, -rate / batch.length, theta.address) / batch.length;
      scratch ??= vector();
      const value = gradient(batch, scratch);
      const norm = clip === Infinity ? 0 : Math.sqrt(scratch.dot(scratch));
      theta.add(scratch, -rate * (norm > clip ? clip / norm : 1));
      return value;
    },
    step(along: Vector, rate) {
      if (typeof rate === "number") theta.add(along, -rate);
      else theta.addProduct(rate, along, -1);
    },
  };
}
