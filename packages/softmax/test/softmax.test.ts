import { random } from "@everlearn/random";
import { exp, log, sigmoid, softmax } from "@everlearn/softmax";
import { describe, expect, it } from "vitest";

describe("exp", () => {
  it("is Math.exp within a relative error of 1e-15 from −700 to 0", () => {
    const draw = random(0, "exponents");
    const xs = Array.from({ length: 20_000 }, (_, i) => -draw.uniform() * (i % 2 === 0 ? 700 : 2));
    let worst = 0;
    for (const x of [0, -0, -1e-300, -1e-9, -700, -Math.LN2, -Math.LN2 / 2, ...xs])
      worst = Math.max(worst, Math.abs(exp(x) / Math.exp(x) - 1));
    expect(worst).toBeLessThan(1e-15);
  });

  it("falls to 0, and stays what is not a number", () => {
    expect(exp(-740)).toBeCloseTo(0, 300);
    expect(exp(-740)).toBeGreaterThan(0);
    expect([-746, -1e9, -Infinity].map(exp)).toEqual([0, 0, 0]);
    expect(exp(NaN)).toBeNaN();
  });

  it("has these bits on every machine", () => {
    const values = [0.9048374180359595, 0.36787944117144233, 0.00004539992976248485, 3.720075976020836e-44];
    expect([-0.1, -1, -10, -100].map(exp)).toEqual(values);
  });
});

it("log is Math.log within 1e-15 from 1 on, relatively where that is beyond 1", () => {
  const draw = random(0, "logarithms");
  const xs = Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 1 + draw.uniform() : 1 + 1e6 * draw.uniform()));
  let worst = 0;
  for (const x of [1, 1.5, 2, 1e300, ...xs])
    worst = Math.max(worst, Math.abs(log(x) - Math.log(x)) / Math.max(1, Math.log(x)));
  expect(worst).toBeLessThan(1e-15);
  expect([Infinity, NaN].map(log)).toEqual([Infinity, NaN]);
});

describe("softmax", () => {
  it("is e^(z/T) in shares, over the outputs that take part", () => {
    const z = Float32Array.of(1, -2, 0.5, 3);
    const shares = (units: number[], t: number) => {
      const sum = units.reduce((total, o) => total + Math.exp(z[o] / t), 0);
      return Array.from(z, (value, o) => (units.includes(o) ? Math.exp(value / t) / sum : 0));
    };
    const near = (values: number[]) => values.map((value) => expect.closeTo(value, 7));
    expect([...softmax(z)]).toEqual(near(shares([0, 1, 2, 3], 1)));
    expect([...softmax(z, undefined, 2)]).toEqual(near(shares([0, 1, 2, 3], 2)));
    expect([...softmax(z, [0, 2])]).toEqual(near(shares([0, 2], 1)));
    expect([...softmax(z, [1, 3], 5)]).toEqual(near(shares([1, 3], 5)));
    expect(softmax(z, [2])).toEqual(Float32Array.of(0, 0, 1, 0));
  });

  it("bears logits of any size and hides none that are not finite", () => {
    expect(softmax([1e30, -1e30, 1e30])).toEqual(Float32Array.of(0.5, 0, 0.5));
    expect(softmax([-5000, -5001], [1])).toEqual(Float32Array.of(0, 1));
    expect(softmax([0, NaN])).toEqual(Float32Array.of(NaN, NaN));
    expect(softmax([0, Infinity])[1]).toBeNaN();
  });
});

it("sigmoid is 1 / (1 + e^−z), also far from 0", () => {
  for (const z of [-30, -3, -0.1, 0, 0.2, 4, 30]) expect(sigmoid(z)).toBeCloseTo(1 / (1 + Math.exp(-z)), 15);
  expect([-Infinity, -1000, 1000, Infinity].map(sigmoid)).toEqual([0, 0, 1, 1]);
  expect(sigmoid(-700) / Math.exp(-700)).toBeCloseTo(1, 12);
  expect(sigmoid(NaN)).toBeNaN();
});
