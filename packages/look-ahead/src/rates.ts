import type { Network, Stateful, Vector } from "@everlearn/contracts";
import { clipNorm } from "./clip-norm.js";

/** The learning rates of the steps along a trajectory. */
export interface Rates {
  /** Called before a trajectory's first step. */
  begin(): void;
  /** φ ← φ − α ⊙ gradient */
  step(phi: Vector, gradient: Vector): void;
  /** Takes in the meta-loss's gradient at the φ that the last step reached, and its weight in the mean. */
  accumulate(metaGradient: Vector, weight: number): void;
}

/** One rate for all parameters, which stays what it is (C-MAML). */
export function fixedRate(alpha: number): Rates {
  return {
    begin() {},
    step: (phi, gradient) => phi.add(gradient, -alpha),
    accumulate() {},
  };
}

/** A rate for each parameter, learned by descent on the meta-loss (La-MAML). Its state is α. */
export interface LearnedRates extends Rates, Stateful {
  /** The rates, none below 0. */
  readonly alpha: Vector;
  /** α ← relu(α − η ∇α), ∇α being the gradient of the last trajectory's meta-loss with respect to α. */
  learn(): void;
}

/**
 * Creates rates that all begin at `alpha0`.
 * @param options `eta` is the rate η at which they are learned; `clip` the largest L2 norm of ∇α, 0: no limit
 */
export function learnedRates(
  network: Network,
  { alpha0, eta, clip }: { alpha0: number; eta: number; clip: number },
): LearnedRates {
  const alpha = network.vector();
  alpha.map(() => alpha0);
  const path = network.vector(); // Σ_{i≤j} g_i
  const slope = network.vector(); // ∇α = −mean_j (Σ_{i≤j} g_i) ⊙ ∇L_j
  const scratch = network.vector();
  return {
    alpha,
    begin() {
      path.times(0);
      slope.times(0);
    },
    step(phi, gradient) {
      path.add(gradient);
      phi.addProduct(alpha, gradient, -1);
    },
    accumulate: (metaGradient, weight) => slope.addProduct(path, metaGradient, -weight),
    learn() {
      scratch.set(alpha);
      scratch.divide(alpha); // 1, or 0 where α is 0: on relu's flat side a rate has no slope, and stays 0
      slope.times(scratch);
      clipNorm(slope, clip);
      alpha.add(slope, -eta);
      scratch.set(alpha);
      scratch.times(alpha);
      scratch.sqrt(); // |α|: relu(α) = (α + |α|)/2, as `map` would take as long as all the gradients
      alpha.add(scratch);
      alpha.times(0.5);
    },
    save: () => alpha.toArray(),
    load: (state) => alpha.fromArray(state as Float32Array),
  };
}
