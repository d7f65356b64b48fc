/**
 * Uniform numbers in [0, 1), multiples of 2⁻³², from three 32-bit words: sfc32, "small fast chaotic"
 * (Doty-Humphrey, PractRand 0.95), which takes 15 rounds to forget how it was seeded. Its 128-bit step is a bijection,
 * so that different words never lead to the same state.
 */
export function generator(first: number, second: number, third: number): () => number {
  let a = first | 0;
  let b = second | 0;
  let c = third | 0;
  let counter = 1;
  const next = (): number => {
    const answer = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + answer) | 0;
    return (answer >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}
