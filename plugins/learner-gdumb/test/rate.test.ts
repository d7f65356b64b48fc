import { distance, range } from "@everlearn/oracle";
import { expect, it } from "vitest";
import { cosine, rateOf } from "../src/rate.js";

it("has a cosine that is right to 1e-14", () => {
  const angles = range(20_001).map((i) => (Math.PI * i) / 20_000);
  expect(distance(angles.map(cosine), angles.map(Math.cos))).toBeLessThan(1e-14);
  expect([cosine(0), cosine(Math.PI)]).toEqual([1, -1]);
});

it("follows the schedule of the released code", () => {
  // After a warm start of one pass, torch's CosineAnnealingWarmRestarts(T_0 = 1, T_mult = 2) that steps once a pass.
  let [current, cycle] = [0, 1];
  const expected = [0.005];
  for (let pass = 1; pass < 130; pass++) {
    expected.push(0.0005 + ((0.05 - 0.0005) * (1 + Math.cos((Math.PI * current) / cycle))) / 2);
    current++;
    if (current === cycle) [current, cycle] = [0, 2 * cycle];
  }
  expected.forEach((rate, pass) => {
    expect(Math.abs(rateOf(pass, 0.05, 0.0005) - rate)).toBeLessThan(1e-15);
  });
  expect([1, 2, 4, 8, 64].map((pass) => rateOf(pass, 0.05, 0.0005))).toEqual(new Array(5).fill(0.05));
});
