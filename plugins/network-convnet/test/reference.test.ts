import { readFileSync } from "node:fs";
import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { convnet, type Layer } from "../src/index.js";
import { oracle } from "./oracle/network.js";

/** What oracle/reference.py wrote. */
interface Reference {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layers: Layer[];
  readonly seed: number;
  readonly loss: number;
  readonly gradient: readonly number[];
  /** Places in θ, and the running statistics that stand there after the batch. */
  readonly statistics: readonly (readonly [place: number, value: number])[];
}

const references = JSON.parse(
  readFileSync(new URL("oracle/reference.json", import.meta.url), "utf8"),
) as readonly Reference[];
const batchSize = 4;
const outputs = 3;

/** Multiples of 2⁻¹⁶ in [−0.5, 0.5), from a linear congruential generator. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state >>> 16) / 65536 - 0.5;
  };
}

it.each(references.map((reference) => [reference.name, reference] as const))(
  "has PyTorch's gradients and running statistics, and so has the oracle, with %s",
  (_, { shape, layers, seed, loss, gradient, statistics }) => {
    const draw = numbers(seed);
    const inputs = shape.reduce((product, side) => product * side, 1);
    const batch = Array.from({ length: batchSize }, (_, i) => ({
      x: Float32Array.from({ length: inputs }, draw),
      y: i % outputs,
    }));
    const before = Float32Array.from(gradient, () => draw() / 4);
    const largest = Math.max(...gradient.map(Math.abs));
    const places = new Set(statistics.map(([place]) => place));
    const others = (values: Float32Array) => values.filter((_, i) => !places.has(i));
    for (const network of [
      oracle({ layers, shape, outputs }, random(0)),
      convnet({ layers: layers.map((layer) => ({ ...layer })) }, { inputs, shape, outputs, random: random(0) }),
    ]) {
      network.theta.fromArray(before);
      const into = network.vector();
      expect(Math.abs(network.gradient(batch, into) - loss)).toBeLessThan(1e-5 * loss);
      const found = into.toArray();
      expect(Math.max(...gradient.map((value, i) => Math.abs(found[i] - value)))).toBeLessThan(1e-4 * largest);
      const after = network.theta.toArray();
      for (const [place, value] of statistics) expect(after[place]).toBeCloseTo(value, 5);
      expect(others(after)).toEqual(others(before));
    }
  },
);
