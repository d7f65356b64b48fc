/** Maps values to places in a picture, and has round values to label its axis with. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

export type Range = readonly [from: number, to: number];

/** Even steps of 1, 2 or 5 times a power of ten, about `count` of them; the ends are widened to a step. */
export function linear(values: readonly number[], range: Range, count = 5): Scale {
  const { low, high } = extent(values);
  const least = 1e-6 * Math.max(1, Math.abs(low), Math.abs(high)); // below it, rounding is all there is to see
  const step = roundStep(Math.max(high - low || Math.abs(high) || 1, least) / count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)));
  return { at: between([first * step, last * step], range), ticks };
}

/** The whole numbers from 1 to `last`, of which every k-th is written, so that there are ten at most. */
export function counting(last: number, range: Range): Scale {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => last / size <= 10) ?? Math.ceil(last / 10);
  const ticks = Array.from({ length: last }, (_, i) => i + 1).filter((n) => n === 1 || n % step === 0);
  return { at: between([1, Math.max(2, last)], range), ticks };
}

const decades = Array.from({ length: 40 }, (_, i) => Number(`1e${i - 12}`));
const fine = decades.flatMap((mark) => [mark, 2 * mark, 5 * mark]);

/** Equal ratios are equal distances: steps of powers of ten, or of 1, 2 and 5 times them where values are close. For values > 0. */
export function logarithmic(values: readonly number[], range: Range): Scale {
  const { low, high } = extent(values);
  const steps = high / low < 500 ? fine : decades;
  const from = Math.max(
    0,
    steps.findLastIndex((mark) => mark <= low * 1.0001),
  );
  const above = steps.findIndex((mark) => mark >= high * 0.9999);
  const to = Math.max(from + 1, above < 0 ? steps.length - 1 : above);
  const place = between([Math.log10(steps[from]), Math.log10(steps[to])], range);
  return { at: (value) => place(Math.log10(value)), ticks: steps.slice(from, to + 1) };
}

function between([low, high]: Range, [start, end]: Range): (value: number) => number {
  return (value) => start + ((value - low) / (high - low)) * (end - start);
}

/** The smallest and the largest value. It works for more values than a call can have arguments. */
function extent(values: readonly number[]): { low: number; high: number } {
  return values.reduce(({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }), {
    low: Infinity,
    high: -Infinity,
  });
}

function roundStep(size: number): number {
  const power = Number(`1e${Math.floor(Math.log10(size))}`);
  return power * ([1, 2, 5].find((factor) => factor * power >= size * 0.999) ?? 10);
}
