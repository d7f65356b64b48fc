import { expect, it } from "vitest";
import { glyphs } from "../src/index.js";
import { accuracyOf } from "./perceptron.js";

const dataset = glyphs();

it("is too hard for a linear model", () => {
  const accuracy = accuracyOf([784, 10], 4, 0.02, dataset);
  expect(accuracy).toBeGreaterThan(0.8);
  expect(accuracy).toBeLessThan(0.93);
});

it("is not too hard for a small network", () => {
  const accuracy = accuracyOf([784, 100, 100, 10], 2, 0.02, dataset);
  expect(accuracy).toBeGreaterThan(0.96);
});
