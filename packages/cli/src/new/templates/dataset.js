/** @import { Dataset, Examples, OptionsOf, Plugin } from "@everlearn/contracts" */
import { createHash } from "node:crypto";

const options = /** @type {const} */ ({
  train: { type: "integer", minimum: 1, default: 4000, description: "How many training examples." },
  test: { type: "integer", minimum: 1, default: 1000, description: "How many test examples." },
});

const side = 12;
const classes = 4;

/**
 * Noisy images of bars, to begin with: lying, standing, rising and falling. Each is drawn from its number alone, so that
 * it is the same whenever, and wherever, it is asked for.
 * @param {OptionsOf<typeof options>} options
 * @returns {Dataset}
 */
export function templateName({ train, test }) {
  return {
    shape: [side, side, 1],
    classes,
    train: split(0, train),
    test: split(1, test),
    // It says which content this is: change the number whenever you change what is drawn.
    checksum: createHash("sha256").update(`template-name 1 ${train} ${test}`).digest("hex"),
  };
}

/**
 * @param {number} which 0: training, 1: test
 * @param {number} length
 * @returns {Examples}
 */
function split(which, length) {
  /** @param {number} i */
  const start = (i) => {
    if (!(Number.isInteger(i) && i >= 0 && i < length))
      throw new RangeError(`There is no example ${i}; use 0 to ${length - 1}.`);
    return scrambled(2 * i + which);
  };
  return {
    length,
    label: (i) => start(i) % classes,
    input(i, into = new Uint8Array(side * side)) {
      let noise = start(i);
      const label = noise % classes;
      const at = (noise >>> 8) % side;
      const full = into instanceof Float32Array ? 255 : 1; // a byte stands for byte/255, a float for itself
      for (let row = 0; row < side; row++)
        for (let column = 0; column < side; column++) {
          noise = scrambled(noise);
          const across = [row, column, row + column, row - column + side][label] % side;
          into[row * side + column] = ((across === at ? 200 : 0) + (noise % 56)) / full;
        }
      return into;
    },
  };
}

/**
 * A number of 32 bits that looks like chance and is the same on every machine.
 * @param {number} n
 */
function scrambled(n) {
  let z = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  z = Math.imul(z ^ (z >>> 16), 0x27d4eb2f);
  return (z ^ (z >>> 15)) >>> 0;
}

/** @type {Plugin<"dataset", typeof options>} */
const plugin = {
  kind: "dataset",
  name: "template-name",
  contract: 2,
  description: "Noisy images of bars: lying, standing, rising and falling.",
  options,
  create: templateName,
};
export default plugin;
