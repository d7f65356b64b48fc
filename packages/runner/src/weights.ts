/** The final θ, in a run's folder. */
export const WEIGHTS = "weights.npy";
