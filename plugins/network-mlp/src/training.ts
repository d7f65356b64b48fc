import type { Network, Term, Vector } from "@everlearn/contracts";
import { KernelVector } from "@everlearn/wasm";
import type { Engine } from "./engine.js";

/** How θ changes, and gradients of a batch's loss. */
export function createTraining(
  { memory, frames, theta, forward, forwardAll, sum, loss }: Engine,
  vector: () => KernelVector,
): Pick<Network, "gradient" | "descend" | "step"> {
  const { kernel } = memory;
  const { network } = frames;
  let scratch: KernelVector | undefined;

  /** Batch 1: SGD without a gradient buffer. */
  function descendOne(term: Term, rate: number, clip: number): number {
    const { weight = 1 } = term;
    const frame = forward(term);
    const value = loss(term, frame);
    if (clip === Infinity) kernel.descend(network, theta.address, frame, rate * weight);
    else {
      kernel.backward(network, theta.address, frame, 0);
      kernel.update(
        network,
        theta.address,
        frame,
        rate * weight * shrink(weight * weight * kernel.squaredNorm(network, frame), clip),
      );
    }
    return weight * value;
  }

  /** All gradients are taken at the old θ, each in its frame, before the first of them changes it. */
  function descendAll(batch: readonly Term[], rate: number): number {
    let total = 0;
    forwardAll(batch, frames.at, (term, frame) => {
      total += (term.weight ?? 1) * loss(term, frame);
      kernel.backward(network, theta.address, frame, 0);
    });
    batch.forEach(({ weight = 1 }, i) => {
      kernel.update(network, theta.address, frames.at(i), (rate * weight) / batch.length);
    });
    return total / batch.length;
  }

  /** into ← ∇loss. @returns the loss */
  function gradient(batch: readonly Term[], into: KernelVector): number {
    let total = 0;
    sum(into, batch, (term, frame) => {
      const { weight = 1 } = term;
      total += weight * loss(term, frame);
      kernel.backward(network, theta.address, frame, 0);
      kernel.update(network, into.address, frame, -weight / batch.length);
    });
    return total / batch.length;
  }

  function step(along: Vector, rate: number | Vector): void {
    if (typeof rate === "number") theta.add(along, -rate);
    else theta.addProduct(rate, along, -1);
  }

  return {
    gradient(batch, into) {
      if (batch.length === 0) throw new RangeError("A gradient needs at least one example.");
      return gradient(batch, KernelVector.in(memory, into));
    },
    descend(batch, rate, { clip = Infinity } = {}) {
      if (batch.length === 0) throw new RangeError("A step needs at least one example.");
      if (batch.length === 1) return descendOne(batch[0], rate, clip);
      if (clip === Infinity) return descendAll(batch, rate);
      scratch ??= vector();
      const value = gradient(batch, scratch);
      theta.add(scratch, -rate * shrink(scratch.dot(scratch), clip));
      return value;
    },
    step,
  };
}

/** The factor that brings a gradient of this squared norm down to the norm `clip`. */
function shrink(squaredNorm: number, clip: number): number {
  const norm = Math.sqrt(squaredNorm);
  return norm > clip ? clip / norm : 1;
}
