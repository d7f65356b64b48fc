import type { Dataset, Examples, Input, OptionsFor, OptionsOf, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { sha256 } from "@everlearn/digest";
import { draw } from "./drawing.js";
import { generator } from "./generator.js";
import { side } from "./ink.js";

const options = {
  train: {
    type: "integer",
    minimum: 1,
    maximum: 1_000_000,
    default: 60_000,
    description: "The number of training examples.",
  },
  test: {
    type: "integer",
    minimum: 1,
    maximum: 1_000_000,
    default: 10_000,
    description: "The number of test examples.",
  },
  seed: {
    type: "integer",
    minimum: 0,
    maximum: 4_294_967_295,
    default: 0,
    description: "Which of all possible examples are drawn.",
  },
  key: {
    type: "string",
    default: "",
    description: "A secret of at least 32 characters, without which nobody can draw the examples; empty: anybody can.",
  },
} as const;

/** Fewer characters could be guessed. */
const shortestKey = 32;

type Options = OptionsOf<typeof options>;

const classes = 10;

/**
 * The version of the drawing: the SHA-256 of all examples that are drawn by default, each split's inputs and then its
 * labels, a byte each, training before test. A test computes it; if the drawing was changed on purpose, the new sum is the
 * new version.
 */
export const drawing = "0a9dc7608966708dad5383c647a88bc8d37bad689770eaa1a5c820b69eae8b61";

/**
 * The generator of each example. With a key its words are a hash of the key too: who has seen examples, or has found out the
 * words of some, knows nothing of the others, as they would by trying all seeds where there is no key.
 */
function generators(seed: number, number: number, key: string): (i: number) => () => number {
  if (key === "") return (i) => generator(seed, number, i);
  return (i) => {
    const hash = sha256(JSON.stringify(["glyphs", key, seed, number, i]));
    const word = (at: number) => Number.parseInt(hash.slice(8 * at, 8 * at + 8), 16);
    return generator(word(0), word(1), word(2));
  };
}

/** Example `i` depends on the seed, the key, the split and `i` only; it is drawn when it is first asked for. */
function split(length: number, uniformOf: (i: number) => () => number): Examples {
  const pixels = side * side;
  const images = new Uint8Array(length * pixels); // pages take no memory before something is drawn on them
  const drawn = new Uint8Array(length);
  const check = (i: number): void => {
    if (!(Number.isInteger(i) && i >= 0 && i < length))
      throw new RangeError(`glyphs has no example ${i} in this split; use 0 to ${length - 1}.`);
  };
  const digit = (uniform: () => number): number => Math.floor(uniform() * classes);
  return {
    length,
    label(i) {
      check(i);
      return digit(uniformOf(i));
    },
    input(i, into?: Input) {
      check(i);
      const image = images.subarray(i * pixels, (i + 1) * pixels);
      if (drawn[i] === 0) {
        const uniform = uniformOf(i);
        draw(digit(uniform), uniform, image);
        drawn[i] = 1;
      }
      if (into === undefined) return image;
      if (into instanceof Float32Array) for (let p = 0; p < pixels; p++) into[p] = image[p] / 255;
      else into.set(image);
      return into;
    },
  };
}

/**
 * Handwriting-like digits, 28 × 28 grey bytes, light on dark, ten classes with equal chances; the same on every machine.
 * @throws RangeError where the key is too short to be a secret
 */
export function glyphs(given: OptionsFor<typeof options> = {}): Dataset {
  const { train, test, seed, key } = withDefaults(options, given);
  if (key !== "" && key.length < shortestKey)
    throw new RangeError(`key must have at least ${shortestKey} characters, or none, but has ${key.length}.`);
  return {
    shape: [side, side, 1],
    classes,
    train: split(train, generators(seed, 0, key)),
    test: split(test, generators(seed, 1, key)),
    checksum: sha256(JSON.stringify({ drawing, train, test, seed, ...(key === "" ? {} : { key }) })),
  };
}

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "glyphs",
  contract: 2,
  description: "Handwriting-like digits, drawn on request in MNIST's shape: nothing to download.",
  options,
  // Without a key, a run has the identity that it had before there were any.
  resolveOptions: ({ key, ...others }) => ({ options: { ...others, ...(key === "" ? {} : { key }) } as Options }),
  create: glyphs,
};
export default plugin;
