export { createLookAhead, type LookAhead } from "./look-ahead.js";
export { fixedRate, type LearnedRates, learnedRates, type Rates } from "./rates.js";
