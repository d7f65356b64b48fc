/**
 * Examples with 784 bytes, 18% of them non-zero, in ten classes: each pixel follows its class's random prototype with
 * probability 0.7. The generator and the order of its calls are those of the C yardstick, so that both see the same.
 */
export function syntheticExamples(count) {
  let state = 777;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 16777216;
  };
  const prototypes = Array.from({ length: 10 }, () => Array.from({ length: 784 }, () => uniform() < 0.19));
  state = 1;
  return Array.from({ length: count }, () => {
    const y = Math.floor(uniform() * 10);
    const x = new Uint8Array(784);
    for (let i = 0; i < 784; i++) {
      const on = uniform() < 0.7 ? prototypes[y][i] : uniform() < 0.19;
      if (on) x[i] = 1 + Math.floor(uniform() * 255);
    }
    return { x, y };
  });
}
