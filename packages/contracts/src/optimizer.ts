import type { Stateful } from "./state.js";
import type { Vector } from "./vector.js";

/** How a gradient moves θ. Its state, such as running averages, does not include θ. */
export interface Optimizer extends Stateful {
  /**
   * Moves θ by one step; plain SGD is θ ← θ − rate · gradient. It does not change the gradient or the rate.
   * @param rate the learning rate, or a vector with one for each parameter
   */
  update(theta: Vector, gradient: Vector, rate: number | Vector): void;
}
