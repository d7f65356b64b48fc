const word = (bits: bigint): bigint => BigInt.asUintN(64, bits);

/**
 * Uniform unsigned 32-bit integers, one a call: xoshiro128** (Blackman & Vigna, arXiv:1805.01407), its state filled by
 * SplitMix64 (Steele et al. 2014). Equal seeds give equal numbers on every machine.
 * @throws RangeError where the seed is not a safe integer.
 */
export function generator(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed is an integer, not ${seed}.`);
  return xoshiro(splitMix(BigInt(seed)));
}

/** The generator from its state of four 32-bit words, of which one is not 0. */
export function xoshiro(state: readonly number[]): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return result >>> 0;
  };
}

/** SplitMix64's first two numbers, as four words, the low ones first. */
export function splitMix(seed: bigint): number[] {
  return [1n, 2n].flatMap((k) => {
    let z = word(seed + k * 0x9e3779b97f4a7c15n);
    z = word((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = word((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    z ^= z >> 31n;
    return [Number(BigInt.asIntN(32, z)), Number(BigInt.asIntN(32, z >> 32n))];
  });
}

function rotated(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}
