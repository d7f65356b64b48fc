// What a network and the oracle are asked, and whether they answer with the same bits.
import type { DifferentiableNetwork, Query, Random, Term, Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { expect } from "vitest";
import { convnet } from "../../src/index.js";
import { type Definition, type Oracle, oracle } from "./network.js";

/** Expects the same numbers; 0 and −0 are the same. */
export function same(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const differences = Array.from(expected, (value, i) => ({ what, i, actual: actual[i], expected: value })).filter(
    (one) => !(one.actual === one.expected && Number.isFinite(one.expected)),
  );
  expect(actual).toHaveLength(expected.length);
  expect({ differences: differences.length, first: differences.slice(0, 3) }).toEqual({ differences: 0, first: [] });
}

/** Expects zeros wherever a vector has none of its numbers: rows lie apart in memory, and inner products see all of it. */
export function clean(what: string, vector: Vector): void {
  const squares = vector.toArray().reduce((sum, value) => sum + value * value, 0);
  expect({ what, isClean: Math.abs(vector.dot(vector) - squares) <= 1e-10 * squares }).toEqual({ what, isClean: true });
}

/** Queries of bytes, and of floats of either sign; many values are zero. */
export function queries(n: number, { shape, outputs }: Definition, draws: Random): Query[] {
  const inputs = shape.reduce((product, side) => product * side, 1);
  return Array.from({ length: n }, (_, i) => {
    const values = Array.from({ length: inputs }, () => (draws.uniform() < 0.3 ? 0 : draws.uniform()));
    const x =
      draws.integer(2) === 0
        ? Uint8Array.from(values, (value) => Math.floor(value * 256))
        : Float32Array.from(values, (value) => value * 2 - (value > 0.5 ? 1 : 0));
    const some = Array.from({ length: outputs }, (_, o) => o).filter(
      (o) => o === i % outputs || draws.integer(2) === 0,
    );
    return i % 3 === 0 ? { x, outputs: some } : { x };
  });
}

/** Terms with every kind of target, some of them weighted, over all outputs or some. */
export function terms(n: number, definition: Definition, draws: Random): Term[] {
  const { outputs } = definition;
  const values = (from: number, to: number) =>
    Float32Array.from({ length: outputs }, () => from + (to - from) * draws.uniform());
  return queries(n, definition, draws).map((query, i): Term => {
    const weighted = { ...(draws.integer(2) === 0 && { weight: 2 * draws.uniform() }), ...query };
    const kind = draws.integer(5);
    if (kind < 2) return { ...weighted, y: i % outputs };
    if (kind === 2) return { ...weighted, probabilities: values(0, 0.5), temperature: 1 + (i % 3) };
    return kind === 3 ? { ...weighted, logits: values(-2, 2) } : { ...weighted, sigmoids: values(0, 1) };
  });
}

export interface Pair {
  readonly network: DifferentiableNetwork;
  readonly plain: Oracle;
}

/** A network and its oracle, which begin with the same parameters. */
export function pairOf(definition: Definition, seed: number): Pair {
  const { layers, shape, outputs, initialisation = "pytorch", features = "" } = definition;
  const inputs = shape.reduce((product, side) => product * side, 1);
  const size = { inputs, shape, outputs, random: random(seed) };
  const network = convnet({ layers: layers.map((layer) => ({ ...layer })), initialisation, features }, size);
  return { network, plain: oracle(definition, random(seed)) };
}

export const sameTheta = (what: string, { network, plain }: Pair): void => {
  same(`θ ${what}`, network.theta.toArray(), plain.theta.values);
  clean(`θ ${what}`, network.theta);
};

export function sameAnswers(what: string, { network, plain }: Pair, asked: readonly Term[]): void {
  same(`features ${what}`, network.features(asked), plain.features(asked));
  same(`logits ${what}`, network.logits(asked), plain.logits(asked));
  same(`losses ${what}`, network.losses(asked), plain.losses(asked));
}

export function sameGradient(what: string, pair: Pair, batch: readonly Term[]): void {
  const { network, plain } = pair;
  const [into, expected] = [network.vector(), plain.vector()];
  into.fromArray(into.toArray().fill(7)); // it is to be overwritten
  const loss = network.gradient(batch, into);
  same(`loss ${what}`, [loss], [plain.gradient(batch, expected)]);
  same(`gradient ${what}`, into.toArray(), expected.toArray());
  clean(`gradient ${what}`, into);
  sameTheta(`after the gradient ${what}`, pair);
}

export function sameDescent(what: string, pair: Pair, batch: readonly Term[], rate: number, clip?: number): void {
  const { network, plain } = pair;
  const options = clip === undefined ? {} : { clip };
  same(`loss ${what}`, [network.descend(batch, rate, options)], [plain.descend(batch, rate, options)]);
  sameTheta(`after descent ${what}`, pair);
}

/** Derivatives by logits, by features, or by both. */
export function sameBackward(what: string, { network, plain }: Pair, batch: readonly Query[], draws: Random): void {
  const like = (values: Float32Array) => values.map(() => 2 * draws.uniform() - 1);
  const [logits, features] = [like(plain.logits(batch)), like(plain.features(batch))];
  for (const [name, dLogits, dFeatures] of [
    ["logits", logits, null],
    ["features", null, features],
    ["both", logits, features],
  ] as const) {
    const [into, expected] = [network.vector(), plain.vector()];
    const inputs = [1, 1].map(() => new Float32Array(batch.length * network.inputs));
    network.backward(batch, dLogits, dFeatures, into, inputs[0]);
    plain.backward(batch, dLogits, dFeatures, expected, inputs[1]);
    same(`back from ${name}: θ ${what}`, into.toArray(), expected.toArray());
    clean(`back from ${name}: θ ${what}`, into);
    same(`back from ${name}: inputs ${what}`, inputs[0], inputs[1]);
    network.backward(batch, dLogits, dFeatures, into);
    same(`back from ${name} without inputs: θ ${what}`, into.toArray(), expected.toArray());
  }
}

/** Asks everything, of batches of many sizes, and trains between. */
export function checkBits(definition: Definition, seed: number, sizes: readonly number[]): void {
  const draws = random(seed, "data");
  const pair = pairOf(definition, seed);
  const take = (n: number) => terms(n, definition, draws);
  sameTheta("at the beginning", pair);
  for (const n of sizes) {
    sameAnswers(`of ${n}`, pair, take(n));
    sameGradient(`of ${n}`, pair, take(n));
    sameDescent(`of ${n}`, pair, take(n), 0.01);
    sameDescent(`of ${n}, clipped`, pair, take(n), 0.1, 0.2);
    sameDescent(`of ${n}, not clipped`, pair, take(n), 0.003, 1e6);
  }
  for (const n of [sizes[0], sizes[sizes.length - 1]]) sameBackward(`of ${n}`, pair, take(n), draws);
}
