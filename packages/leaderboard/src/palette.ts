/**
 * From dark violet (0) to light yellow (1): seventeen stops at equal distances along a path in OKLab
 * (Ottosson 2020) whose lightness only grows, so that equal differences look equal, in grey and to colour-blind eyes too.
 */
export const palette: readonly string[] = [
  "#270154",
  "#281960",
  "#272b6b",
  "#253c75",
  "#224c7d",
  "#215c85",
  "#246c8b",
  "#2b7c91",
  "#378b95",
  "#469a99",
  "#58a99b",
  "#6db89c",
  "#85c59c",
  "#9fd29a",
  "#badd99",
  "#d8e798",
  "#f6f099",
];

/** Red, green and blue, each an integer in [0, 255]. */
export type Colour = readonly [red: number, green: number, blue: number];

/** The colour of a missing value: grey, which no colour of the palette is. */
export const missingColour: Colour = [0xc9, 0xcc, 0xd3];

const stops = palette.map((hex): Colour => {
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
});

/** The colour of a fraction in [0, 1], told apart in steps of 0.5%, between the two nearest stops; NaN is grey. */
export function colourOf(fraction: number): Colour {
  if (!Number.isFinite(fraction)) return missingColour;
  const place = (Math.round(fraction * 200) / 200) * (stops.length - 1);
  const i = Math.min(Math.floor(place), stops.length - 2);
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(stops[i][channel] + (place - i) * (stops[i + 1][channel] - stops[i][channel]));
  return [mix(0), mix(1), mix(2)];
}

export function hexOf(colour: Colour): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

/** Black or white, whichever reads better on a colour of the palette: at least 4.5 : 1 (WCAG AA). */
export function inkOn(colour: Colour): string {
  // Squaring stands for sRGB's gamma curve: near enough on the palette, and the same bits on every machine.
  const [red, green, blue] = colour.map((channel) => (channel / 255) * (channel / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.21 ? "#ffffff" : "#000000";
}
