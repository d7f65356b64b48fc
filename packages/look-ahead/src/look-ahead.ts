import type { Example, Network, Vector } from "@everlearn/contracts";
import { clipNorm } from "./clip-norm.js";
import type { Rates } from "./rates.js";

/**
 * Takes one SGD step on each example of the trajectory, from the network's θ on, and returns the mean over the trajectory
 * of the gradients of the meta-batch's mean loss, first order. θ stays as it was; the vector is valid until the next call.
 */
export type LookAhead = (trajectory: readonly Example[], meta: readonly Example[]) => Vector;

/**
 * Creates the look-ahead of C-MAML and La-MAML (Gupta, Yadav & Paull 2020).
 * @param options `rates` are those of the trajectory's steps; `clip` is the largest L2 norm of the meta-gradient, 0: no limit
 */
export function createLookAhead(network: Network, { rates, clip }: { rates: Rates; clip: number }): LookAhead {
  const { theta } = network;
  const start = network.vector(); // φ₀
  const gradient = network.vector();
  const metaGradient = network.vector();
  return (trajectory, meta) => {
    start.set(theta);
    metaGradient.times(0);
    rates.begin();
    for (const example of trajectory) {
      network.gradient([example], gradient);
      rates.step(theta, gradient); // φ ← φ − α ⊙ g; not `descend`: an optimizer has no part in φ
      network.gradient(meta, gradient);
      metaGradient.add(gradient, 1 / trajectory.length);
      rates.accumulate(gradient, 1 / trajectory.length);
    }
    theta.swap(start);
    clipNorm(metaGradient, clip);
    return metaGradient;
  };
}
