export { arrayVector } from "./array-vector.js";
export { completeNetwork } from "./complete.js";
export { type CountedGradients, countGradients } from "./count.js";
export { termLoss } from "./term-loss.js";
