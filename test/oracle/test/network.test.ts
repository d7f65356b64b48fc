import type { Term } from "@everlearn/contracts";
import { denseNetwork, distance, softmax } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";

const theta = Float64Array.from({ length: 5 * 3 + 4 * 4 + 5 * 3 }, (_, i) => Math.sin(7 * i + 1));
const network = denseNetwork(4, 3, 4, 3);
const x = Float32Array.of(0.5, 0, -1, 2);

describe("a dense network", () => {
  it("is what one computes by hand", () => {
    const small = denseNetwork(2, 2, 2);
    // The hidden units see a − b and b − a, each plus 1; the outputs are u + 3v and 2u + 4v + 5.
    const weights = Float64Array.of(1, -1, -1, 1, 1, 1, 1, 2, 3, 4, 0, 5);
    expect(small.features(weights, Float32Array.of(3, 1))).toEqual([3, 0]);
    expect(small.logits(weights, Float32Array.of(3, 1))).toEqual([3, 11]);
    expect(small.logits(weights, Uint8Array.of(255, 0))).toEqual([2, 9]);
    expect(small.predict(weights, { x: Float32Array.of(3, 1) })).toBe(1);
    expect(small.predict(weights, { x: Float32Array.of(3, 1), outputs: [0] })).toBe(0);
    expect(small.loss(weights, [{ x: Float32Array.of(3, 1), y: 0 }])).toBeCloseTo(Math.log(1 + Math.exp(8)), 12);
  });

  const targets: Record<string, Term[]> = {
    "a class": [{ x, y: 1 }],
    "a class among some outputs": [{ x, y: 2, outputs: [0, 2] }],
    "soft targets": [{ x, probabilities: Float32Array.of(0.2, 0.5, 0.1), temperature: 2 }],
    "soft targets among some outputs": [{ x, probabilities: Float32Array.of(0.2, 0.5, 0.1), outputs: [0, 1] }],
    logits: [{ x, logits: Float32Array.of(1, -2, 0.3) }],
    "logits of some outputs": [{ x, logits: Float32Array.of(1, -2, 0.3), outputs: [1, 2] }],
    sigmoids: [{ x, sigmoids: Float32Array.of(1, 0, 0.3) }],
    "sigmoids of some outputs": [{ x, sigmoids: Float32Array.of(1, 0, 0.3), outputs: [0, 1] }],
    "a weighted batch": [
      { weight: 2, x, y: 0 },
      { weight: 0.5, x: Uint8Array.of(200, 9, 0, 31), y: 1 },
    ],
  };

  it.each(Object.entries(targets))("has the gradient that finite differences of its loss have (%s)", (_, batch) => {
    const slopes = theta.map((value, i) => {
      const lossAt = (step: number) => network.loss(theta.with(i, value + step), batch);
      return (lossAt(1e-6) - lossAt(-1e-6)) / 2e-6;
    });
    expect(distance(network.gradient(theta, batch), slopes)).toBeLessThan(1e-8);
    expect(Math.max(...slopes.map(Math.abs))).toBeGreaterThan(0.05);
  });

  it("takes each kind of target as its contract defines it", () => {
    const z = network.logits(theta, x);
    const [p, q] = [[0.2, 0.5, 0.1], softmax(z, undefined, 2)];
    const loss = (name: string) => network.loss(theta, targets[name]);
    expect(loss("a class")).toBeCloseTo(-Math.log(softmax(z)[1]), 12);
    expect(loss("soft targets")).toBeCloseTo(-p.reduce((sum, share, o) => sum + share * Math.log(q[o]), 0), 7);
    expect(loss("logits of some outputs")).toBeCloseTo(((z[1] + 2) ** 2 + (z[2] - 0.3) ** 2) / 2, 6);
    expect(loss("sigmoids of some outputs")).toBeCloseTo(
      Math.log(1 + Math.exp(-z[0])) + Math.log(1 + Math.exp(z[1])),
      12,
    );
  });
});
