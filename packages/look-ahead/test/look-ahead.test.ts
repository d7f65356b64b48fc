import type { Example, Network, Vector } from "@everlearn/contracts";
import { createLookAhead, fixedRate, learnedRates } from "@everlearn/look-ahead";
import { arrayVector, completeNetwork } from "@everlearn/network";
import { describe, expect, it } from "vitest";

const size = 2;

/** A network with the loss ½ ‖curvature ⊙ (θ − x)‖², whose gradient is curvature² ⊙ (θ − mean x). */
function bowl(start: readonly number[], curvature: readonly number[]): Network {
  const theta = arrayVector(Float32Array.from(start));
  return completeNetwork({
    theta,
    inputs: size,
    outputs: size,
    layers: [size],
    vector: () => arrayVector(new Float32Array(size)),
    gradient(batch, into) {
      const at = theta.toArray();
      into.fromArray(slope(at, batch as readonly Example[], curvature));
      return 0;
    },
    logits: () => new Float32Array(size),
    features: () => new Float32Array(size),
    save: () => theta.toArray(),
    load: (state) => theta.fromArray(state as Float32Array),
    dispose() {},
  });
}

function slope(at: ArrayLike<number>, batch: readonly Example[], curvature: readonly number[]): Float32Array {
  return Float32Array.from(at, (value, i) => {
    const mean = batch.reduce((sum, { x }) => sum + x[i], 0) / batch.length;
    return curvature[i] ** 2 * (value - mean);
  });
}

const example = (...x: number[]): Example => ({ x: Float32Array.from(x), y: 0 });
const values = (vector: Vector): number[] => [...vector.toArray()];
const checkNear = (a: readonly number[], b: readonly number[]) =>
  a.forEach((value, i) => expect(value).toBeCloseTo(b[i], 5));

const curvature = [1, 2];
const trajectory = [example(1, 0), example(0, 1), example(3, 1)];
const meta = [...trajectory, example(-1, -1)];

/** The three places that a trajectory from `start` reaches, and the gradients g_i on the way and ∇L_j there. */
function walk(start: readonly number[], alpha: readonly number[]) {
  let phi = [...start];
  return trajectory.map((one) => {
    const g = [...slope(phi, [one], curvature)];
    phi = phi.map((value, i) => value - alpha[i] * g[i]);
    return { g, outer: [...slope(phi, meta, curvature)] };
  });
}
const mean = (rows: readonly (readonly number[])[]): number[] =>
  rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);

describe("createLookAhead", () => {
  it("returns the mean of the meta-batch's gradients along the trajectory, and leaves θ as it was", () => {
    const network = bowl([0.5, -0.5], curvature);
    const lookAhead = createLookAhead(network, { rates: fixedRate(0.1), clip: 0 });
    const expected = mean(walk([0.5, -0.5], [0.1, 0.1]).map(({ outer }) => outer));
    for (let time = 0; time < 2; time++) checkNear(values(lookAhead(trajectory, meta)), expected);
    expect(values(network.theta)).toEqual([0.5, -0.5]);
  });

  it("clips the meta-gradient's norm, not its direction, and only if it is longer", () => {
    const network = bowl([0.5, -0.5], curvature);
    const free = values(createLookAhead(network, { rates: fixedRate(0.1), clip: 0 })(trajectory, meta));
    const norm = Math.hypot(...free);
    const clipped = values(createLookAhead(network, { rates: fixedRate(0.1), clip: norm / 4 })(trajectory, meta));
    checkNear(clipped, [free[0] / 4, free[1] / 4]);
    const roomy = createLookAhead(network, { rates: fixedRate(0.1), clip: 2 * norm });
    expect(values(roomy(trajectory, meta))).toEqual(free);
  });
});

describe("learnedRates", () => {
  const start = [0.5, -0.5];

  function make(eta: number, clip = 0) {
    const network = bowl(start, curvature);
    const rates = learnedRates(network, { alpha0: 0.1, eta, clip });
    return { rates, lookAhead: createLookAhead(network, { rates, clip: 0 }) };
  }

  /** ∇α = −mean_j (Σ_{i≤j} g_i) ⊙ ∇L_j */
  function byAlpha(alpha: readonly number[]): number[] {
    let path = alpha.map(() => 0);
    const rows = walk(start, alpha).map(({ g, outer }) => {
      path = path.map((sum, i) => sum + g[i]);
      return path.map((sum, i) => -sum * outer[i]);
    });
    return mean(rows);
  }

  it("descend on the meta-loss of the trajectory that they made", () => {
    const { rates, lookAhead } = make(0.01);
    let alpha = [0.1, 0.1];
    for (let time = 0; time < 3; time++) {
      checkNear(values(lookAhead(trajectory, meta)), mean(walk(start, alpha).map(({ outer }) => outer)));
      rates.learn();
      const slopes = byAlpha(alpha);
      alpha = alpha.map((rate, i) => rate - 0.01 * slopes[i]);
      checkNear(values(rates.alpha), alpha);
    }
    expect(alpha).not.toEqual([0.1, 0.1]);
  });

  it("have their own meta-gradient clipped", () => {
    const { rates, lookAhead } = make(1, 1e-3);
    lookAhead(trajectory, meta);
    rates.learn();
    const slopes = byAlpha([0.1, 0.1]);
    const norm = Math.hypot(...slopes);
    checkNear(
      values(rates.alpha),
      slopes.map((value) => 0.1 - (1e-3 * value) / norm),
    );
  });

  it("stay 0 once they have fallen to it", () => {
    const { rates, lookAhead } = make(1);
    const falling = byAlpha([0.1, 0.1]).map((value) => value > 0.1);
    expect(falling).toContain(true);
    lookAhead(trajectory, meta);
    rates.learn();
    const zero = values(rates.alpha).map((rate) => rate === 0);
    expect(zero).toEqual(falling);
    for (let time = 0; time < 3; time++) {
      lookAhead(trajectory, meta);
      rates.learn();
    }
    expect(values(rates.alpha).filter((_, i) => zero[i])).toEqual(zero.filter(Boolean).map(() => 0));
  });

  it("save and load α alone", () => {
    const one = make(0.05);
    one.lookAhead(trajectory, meta);
    one.rates.learn();
    const other = make(0.05);
    other.rates.load(one.rates.save());
    for (const { rates, lookAhead } of [one, other]) {
      lookAhead(trajectory, meta);
      rates.learn();
    }
    expect(values(other.rates.alpha)).toEqual(values(one.rates.alpha));
    expect(values(one.rates.alpha)).not.toContain(Math.fround(0.1));
  });
});
