import { isNumber } from "../percent.js";

type Maybe = number | null | undefined;

export const none = "–";

/** A fraction in percent with one decimal and a minus sign, without "%": −12.3. */
export function points(fraction: Maybe, digits = 1): string {
  if (!isNumber(fraction)) return none;
  const text = (100 * fraction).toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** A fraction in percent with its sign: +1.5, −0.2, 0.0. */
export function signedPoints(fraction: Maybe, digits = 1): string {
  const text = points(fraction, digits);
  return isNumber(fraction) && Number(text.replace("−", "-")) > 0 ? `+${text}` : text;
}

/** A count, in groups of three: 20,149,500. */
export function count(value: Maybe): string {
  if (!isNumber(value)) return none;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A quantity with three digits: 1,007; 22.5; 0.0312. */
export function quantity(value: Maybe): string {
  if (!isNumber(value)) return none;
  if (Math.abs(value) >= 1e9) return `${Number((value / 1e9).toPrecision(3))}e9`;
  return Math.abs(value) >= 100 ? count(value) : String(Number(value.toPrecision(3)));
}

/** A number of bytes in units of 1000, such as 1.5 MB. */
export function bytes(value: Maybe): string {
  if (!isNumber(value)) return none;
  const unit = value >= 1e9 ? 3 : value >= 1e6 ? 2 : value >= 1e3 ? 1 : 0;
  return `${Number((value / 1000 ** unit).toPrecision(3))} ${["B", "kB", "MB", "GB"][unit]}`;
}

/** A probability, never 0: "< 0.001" below. */
export function probability(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

export function duration(seconds: Maybe): string {
  if (!isNumber(seconds)) return none;
  if (seconds < 100) return `${Number(seconds.toPrecision(3))} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toPrecision(3))} h`;
}

/** A number with its noun: "1 seed", "3 seeds". */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** The first characters of a hash, enough to recognise it. */
export function short(hash: string | undefined): string {
  return hash === undefined ? none : hash.slice(0, 12);
}

/** Seeds as ranges: "0–9, 12". */
export function ranges(seeds: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const seed of seeds) {
    const last = parts.at(-1);
    if (last && last[1] === seed - 1) last[1] = seed;
    else parts.push([seed, seed]);
  }
  const shown = parts.slice(0, 12).map(([from, to]) => (from === to ? String(from) : `${from}–${to}`));
  return `${shown.join(", ")}${parts.length > 12 ? " …" : ""}` || none;
}

/** Compares texts by code units, so that the order is the same everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
