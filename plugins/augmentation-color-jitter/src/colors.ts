/** The luminance of red, green and blue (ITU-R BT.601). */
const luminance = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b;

const clamped = (value: number): number => Math.min(1, Math.max(0, value));

/** Each value becomes `factor` · value + (1 − `factor`) · `other`, between 0 and 1. */
export function blend(x: Float32Array, factor: number, other: number): void {
  for (let i = 0; i < x.length; i++) x[i] = clamped(factor * x[i] + (1 - factor) * other);
}

/** The mean luminance of an image of 1 or 3 channels. */
export function meanLuminance(x: Float32Array, channels: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i += channels) sum += channels === 1 ? x[i] : luminance(x[i], x[i + 1], x[i + 2]);
  return (sum * channels) / x.length;
}

/** Each pixel's colours become `factor` · colour + (1 − `factor`) · its luminance, between 0 and 1. */
export function saturate(x: Float32Array, factor: number): void {
  for (let i = 0; i < x.length; i += 3) {
    const gray = (1 - factor) * luminance(x[i], x[i + 1], x[i + 2]);
    for (let c = i; c < i + 3; c++) x[c] = clamped(factor * x[c] + gray);
  }
}

/** Turns the hue of each pixel by a part of the whole circle; the largest and the smallest of its colours stay. */
export function turnHue(x: Float32Array, turn: number): void {
  for (let i = 0; i < x.length; i += 3) {
    const [r, g, b] = [x[i], x[i + 1], x[i + 2]];
    const largest = Math.max(r, g, b);
    const range = largest - Math.min(r, g, b);
    if (range === 0) continue;
    const sixth = largest === r ? (g - b) / range : largest === g ? 2 + (b - r) / range : 4 + (r - g) / range;
    for (let c = 0; c < 3; c++) {
      // Of the six sectors, a colour is at its largest in two, at its smallest in two, and between them in the others.
      const at = 5 - 2 * c + sixth + 6 * turn + 12;
      const k = at - 6 * Math.floor(at / 6);
      x[i + c] = largest - range * clamped(Math.min(k, 4 - k));
    }
  }
}
