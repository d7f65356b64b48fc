import type { Term } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { termLoss } from "../src/index.js";

const x = new Float32Array(1);
const z = [1, -2, 0.5];
const log = (values: number[]) => Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));

describe("the loss of a term", () => {
  const p = Float32Array.of(0.25, 0.5, 0.75);

  it("is the cross-entropy of a class among the outputs that take part", () => {
    expect(termLoss({ x, y: 1 }, z)).toBeCloseTo(log(z) + 2, 12);
    expect(termLoss({ x, y: 2, outputs: [0, 2] }, z)).toBeCloseTo(log([1, 0.5]) - 0.5, 12);
    expect(termLoss({ x, y: 0, weight: 5 }, z)).toBe(termLoss({ x, y: 0 }, z));
  });

  it("is the cross-entropy of soft targets, of logits over a temperature", () => {
    const soft = (temperature: number, units: number[]) =>
      units.reduce((sum, o) => sum + p[o] * (log(units.map((unit) => z[unit] / temperature)) - z[o] / temperature), 0);
    expect(termLoss({ x, probabilities: p }, z)).toBeCloseTo(soft(1, [0, 1, 2]), 12);
    expect(termLoss({ x, probabilities: p, temperature: 4, outputs: [1, 2] }, z)).toBeCloseTo(soft(4, [1, 2]), 12);
  });

  it("is the mean squared difference of logits", () => {
    expect(termLoss({ x, logits: p }, z)).toBeCloseTo((0.75 ** 2 + 2.5 ** 2 + 0.25 ** 2) / 3, 12);
    expect(termLoss({ x, logits: p, outputs: [0, 1] }, z)).toBeCloseTo((0.75 ** 2 + 2.5 ** 2) / 2, 12);
  });

  it("is the sum of binary cross-entropies, which huge logits do not overflow", () => {
    const binary = (o: number) => p[o] * Math.log(1 + Math.exp(-z[o])) + (1 - p[o]) * Math.log(1 + Math.exp(z[o]));
    expect(termLoss({ x, sigmoids: p }, z)).toBeCloseTo(binary(0) + binary(1) + binary(2), 12);
    expect(termLoss({ x, sigmoids: p, outputs: [1] }, z)).toBeCloseTo(binary(1), 12);
    expect(termLoss({ x, sigmoids: Float32Array.of(0) }, [1e4])).toBe(1e4);
  });

  it("is NaN where the logits are", () => {
    const targets: Term[] = [
      { x, y: 0 },
      { x, probabilities: p },
      { x, logits: p },
      { x, sigmoids: p },
    ];
    for (const term of targets) expect(termLoss(term, [NaN, 0, 0])).toBeNaN();
  });

  it("has these bits on every machine", () => {
    expect(termLoss({ x, y: 1 }, z)).toBe(3.5045969023422834);
    expect(termLoss({ x, probabilities: p, temperature: 3 }, z)).toBe(1.8174459239276732);
    expect(termLoss({ x, sigmoids: p }, z)).toBe(2.789266682741302);
  });
});

it("fills in the loss's derivatives by the logits, 0 for outputs that take no part", () => {
  const draw = random(3, "logits");
  const numbers = (length: number) => Float32Array.from({ length }, () => 4 * draw.uniform() - 2);
  const step = 1e-5;
  for (let trial = 0; trial < 20; trial++) {
    const outputs = trial % 2 === 0 ? {} : { outputs: [0, 2, 3] };
    const logits = Float64Array.from(numbers(4));
    const targets: Term[] = [
      { x, y: 2, ...outputs },
      { x, probabilities: numbers(4), temperature: 1 + draw.uniform(), ...outputs },
      { x, logits: numbers(4), ...outputs },
      { x, sigmoids: numbers(4), ...outputs },
    ];
    for (const term of targets) {
      const delta = new Float64Array(4).fill(9);
      const loss = termLoss(term, logits, delta);
      expect(termLoss(term, logits)).toBe(loss);
      const rounded = new Float32Array(4).fill(9);
      termLoss(term, logits, rounded);
      expect(rounded).toEqual(Float32Array.from(delta));
      if (trial % 2 === 1) expect(delta[1]).toBe(0);
      delta.forEach((slope, o) => {
        const [up, down] = [step, -step].map((by) => termLoss(term, logits.with(o, logits[o] + by)));
        expect(slope).toBeCloseTo((up - down) / (2 * step), 7);
      });
    }
  }
});

it("refuses what does not fit the outputs", () => {
  const bad: Record<string, Term> = {
    "An example's y is 3, which is not among the outputs 0, 1, 2.": { x, y: 3 },
    "An example's y is 0.5, which is not among the outputs 0, 1, 2.": { x, y: 0.5 },
    "An example's y is 1, which is not among the outputs 0, 2.": { x, y: 1, outputs: [0, 2] },
    "The network has outputs 0 to 2, not 3.": { x, y: 0, outputs: [0, 3] },
    "The network has outputs 0 to 2, not -1.": { x, y: 0, outputs: [-1, 0] },
    "A target has a value for each of the 3 outputs, not 2.": { x, probabilities: new Float32Array(2) },
    "A target has a value for each of the 3 outputs, not 4.": { x, logits: new Float32Array(4) },
    "A target has a value for each of the 3 outputs, not 1.": { x, sigmoids: new Float32Array(1) },
  };
  for (const [message, term] of Object.entries(bad)) expect(() => termLoss(term, z)).toThrow(new RangeError(message));
});
