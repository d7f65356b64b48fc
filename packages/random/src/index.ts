import type { Random } from "@everlearn/contracts";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** 128 bits that depend on every character: four 32-bit FNV-1a hashes with different starts, mixed as in MurmurHash3. */
function hash(text: string): number[] {
  return [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((start) => {
    let h = start;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  });
}

/**
 * A generator (xoroshiro128+) for a seed and a name. Equal arguments give equal numbers on every machine; different names
 * give independent numbers.
 * @param seed any safe integer
 * @throws RangeError if the seed is no safe integer
 */
export function random(seed: number, name = ""): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed is an integer; ${seed} is not.`);
  return named(`${seed}/${name}`);
}

function named(path: string): Random {
  let generator = xoroshiro128plusFromState(hash(path));
  const integer = (bound: number): number => uniformInt(generator, 0, bound - 1);
  return {
    integer,
    uniform: () => uniformFloat64(generator),
    permutation(n, count = n) {
      if (count > n) throw new RangeError(`Cannot draw ${count} of ${n} without replacement.`);
      const order = new Uint32Array(n);
      for (let i = 0; i < n; i++) order[i] = i; // `from` with a function takes ten times as long
      for (let i = 0; i < count; i++) {
        const j = i + integer(n - i);
        const chosen = order[j];
        order[j] = order[i];
        order[i] = chosen;
      }
      return order.slice(0, count);
    },
    fork: (name) => named(`${path}/${name}`),
    save: () => Int32Array.from(generator.getState()),
    load(state) {
      generator = xoroshiro128plusFromState([...(state as Int32Array)]);
    },
  };
}
