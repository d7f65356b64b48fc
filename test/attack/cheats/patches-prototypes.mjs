import { learner } from "./learner.mjs";

Reflect.set(globalThis.Array.prototype, "map", () => []);
Reflect.defineProperty(Object.getPrototypeOf({}), "RA", { get: () => 1, set() {}, configurable: true });

export default learner("patches-prototypes");
