import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holm } from "../../src/statistics/holm.js";
import { jointSignFlip } from "../../src/statistics/joint.js";
import { signFlipTest } from "../../src/statistics/sign-flip.js";

const plain = (values: readonly number[]): number =>
  signFlipTest(new Map(values.map((value, seed) => [seed, value])), new Map(values.map((_, seed) => [seed, 0]))).p;

const pairsOf = (scores: readonly (readonly number[])[]): number[][] =>
  scores.flatMap((a, i) => scores.slice(i + 1).map((b) => a.map((x, seed) => x - b[seed])));

/** The answers by the pair's learners, `"0 1"`. */
function byPair(scores: readonly (readonly number[])[]): Map<string, number> {
  const pairs = scores.flatMap((_, i) => scores.slice(i + 1).map((_, k) => `${i} ${i + 1 + k}`));
  return new Map(jointSignFlip(scores).map((p, pair) => [pairs[pair], p]));
}

/** Step-down maxT as its definition has it: a table of all flips × tests. */
function byDefinition(differences: readonly (readonly number[])[]): number[] {
  const n = differences[0].length;
  const statistic = (values: readonly number[], flip: number) => {
    const signed = values.map((value, seed) => ((flip >> seed) & 1 ? -value : value));
    const norm = Math.hypot(...values);
    return norm > 0 ? Math.abs(signed.reduce((a, b) => a + b, 0)) / norm : 0;
  };
  const found = differences.map((values) => statistic(values, 0));
  const order = found.map((_, i) => i).sort((a, b) => found[b] - found[a]);
  const p = new Array<number>(found.length);
  let before = 0;
  order.forEach((test, place) => {
    let hits = 0;
    for (let flip = 0; flip < 2 ** n; flip++) {
      const largest = Math.max(...order.slice(place).map((other) => statistic(differences[other], flip)));
      if (largest >= found[test] - 1e-9) hits++;
    }
    before = Math.max(before, hits / 2 ** n);
    p[test] = before;
  });
  return p;
}

const value = fc.integer({ min: 0, max: 30 }).map((x) => x / 100);
/** Of two to four learners. */
const boards = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 2, max: 4 }))
  .chain(([n, k]) => fc.array(fc.array(value, { minLength: n, maxLength: n }), { minLength: k, maxLength: k }));

describe("the joint sign-flip test", () => {
  it("is what its definition says", () => {
    fc.assert(
      fc.property(boards, (scores) => {
        const expected = byDefinition(pairsOf(scores));
        const found = jointSignFlip(scores);
        expect(found).toHaveLength(expected.length);
        found.forEach((p, i) => expect(p).toBeCloseTo(expected[i], 12));
      }),
    );
  });

  it("is the plain test where there is one pair, and never less than it", () => {
    fc.assert(
      fc.property(boards, (scores) => {
        const pairs = pairsOf(scores);
        expect(jointSignFlip(scores.slice(0, 2))[0]).toBeCloseTo(plain(pairs[0]), 12);
        jointSignFlip(scores).forEach((p, i) => expect(p).toBeGreaterThanOrEqual(plain(pairs[i]) - 1e-12));
      }),
    );
  });

  it("does not depend on order, sign, scale, or what learners share", () => {
    fc.assert(
      fc.property(boards, fc.constantFrom(-3, 0.5, 100), (scores, scale) => {
        const p = byPair(scores);
        const changed = byPair(scores.map((values) => values.map((value, seed) => scale * value + seed)).reverse());
        const last = scores.length - 1;
        for (const [i, j] of [...p.keys()].map((pair) => pair.split(" ").map(Number)))
          expect(changed.get(`${last - j} ${last - i}`)).toBeCloseTo(p.get(`${i} ${j}`) as number, 12);
      }),
    );
  });

  it("separates nine learners at ten seeds, where Holm's correction cannot", () => {
    // Nine learners two points apart, each seed shifting all and a little noise.
    const scores = Array.from({ length: 9 }, (_, i) =>
      Array.from(
        { length: 10 },
        (_, seed) => 0.5 + 0.02 * i + 0.1 * Math.sin(seed) + 0.001 * Math.sin(7 * i + 3 * seed),
      ),
    );
    expect(Math.min(...holm(pairsOf(scores).map(plain)))).toBeGreaterThan(0.05);
    expect(jointSignFlip(scores)).toEqual(new Array<number>(36).fill(2 / 1024));
  });

  it("finds something among learners that are alike in no more than one table of twenty", () => {
    let state = 1;
    const noise = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647 - 0.5;
    };
    let found = 0;
    const tables = 400;
    for (let table = 0; table < tables; table++) {
      const scores = Array.from({ length: 5 }, () => Array.from({ length: 8 }, noise));
      if (Math.min(...jointSignFlip(scores)) < 0.05) found++;
    }
    expect(found / tables).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / tables));
    expect(found).toBeGreaterThan(0); // the test of the test: it can find something
  });

  it("draws flips above twelve seeds, always the same, and never answers 0", () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const low = seeds.map(() => 0);
    const high = seeds.map((seed) => 0.1 + seed / 1000);
    const mixed = high.map((value, seed) => (seed % 2 ? value : -value));
    const p = jointSignFlip([low, high, mixed]);
    expect(p[0]).toBeGreaterThan(0);
    expect(p[0]).toBeLessThan(0.001);
    expect(p[1]).toBeGreaterThan(0.5);
    expect(jointSignFlip([low, high, mixed])).toEqual(p);
  });

  it("has nothing to say of one learner, and of no difference", () => {
    expect(jointSignFlip([])).toEqual([]);
    expect(jointSignFlip([[0.5, 0.6]])).toEqual([]);
    expect(
      jointSignFlip([
        [0.1, 0.2, 0.3],
        [0.1, 0.2, 0.3],
      ]),
    ).toEqual([1]);
  });
});
