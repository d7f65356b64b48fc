import { learner } from "./learner.mjs";

const { stringify } = JSON;
JSON.stringify = (value, ...more) =>
  stringify(value?.metrics ? { ...value, metrics: { RA: 1, LA: 1, BTI: 0 } } : value, ...more);

export default learner("patches-globals");
