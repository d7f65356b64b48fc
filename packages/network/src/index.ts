export { arrayVector } from "./array-vector.js";
export { completeNetwork } from "./complete.js";
export { countGradients } from "./count.js";
export { termLoss } from "./term-loss.js";
