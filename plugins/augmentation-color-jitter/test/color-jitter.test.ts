import plugin, { colorJitter } from "@everlearn/augmentation-color-jitter";
import { checkAugmentation } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const shape = [2, 2, 3];
const image = Float32Array.of(0.9, 0.1, 0.2, 0.3, 0.8, 0.4, 0.1, 0.2, 0.7, 0.5, 0.5, 0.5);
const gray = (p: readonly number[]) => 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
const pixels = (x: Float32Array) => [0, 3, 6, 9].map((i) => [...x.subarray(i, i + 3)]);
const clamp = (v: number) => Math.min(1, Math.max(0, v));

type Options = Parameters<typeof colorJitter>[0];
function seen(options: Options, seed: number): Float32Array {
  const into = new Float32Array(image.length);
  colorJitter(options, { shape, random: random(seed) }).apply(image, into);
  return into;
}

/** The numbers that one change draws: whether there is a change, its place in an order of one, and how large it is. */
function drawn(seed: number): number {
  const generator = random(seed);
  generator.uniform();
  generator.integer(1);
  return generator.uniform();
}

/** Hue in [0, 1), saturation and value, by the textbook (Smith 1978). */
function hsv([r, g, b]: readonly number[]): [number, number, number] {
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const range = most - least;
  if (range === 0) return [0, 0, most];
  const turn = most === r ? ((g - b) / range + 6) % 6 : most === g ? (b - r) / range + 2 : (r - g) / range + 4;
  return [turn / 6, range / most, most];
}

describe("augmentation-color-jitter", () => {
  it("conforms to the augmentation contract", async () => {
    await checkAugmentation(plugin, { options: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 } });
    await checkAugmentation(plugin, { options: { brightness: 2, contrast: 2, probability: 0.5 }, shape: [5, 4, 1] });
  });

  it.each([0, 1, 2, 3, 4])("changes the brightness, contrast or saturation by a factor (seed %i)", (seed) => {
    const factor = 0.6 + 0.8 * drawn(seed);
    const mean =
      pixels(image)
        .map(gray)
        .reduce((sum, v) => sum + v, 0) / 4;
    const near = (options: Options, value: (p: readonly number[], v: number) => number) => {
      const expected = pixels(image).flatMap((p) => p.map((v) => clamp(value(p, v))));
      seen(options, seed).forEach((v, i) => expect(v).toBeCloseTo(expected[i], 5));
    };
    near({ brightness: 0.4 }, (_, v) => factor * v);
    near({ contrast: 0.4 }, (_, v) => factor * v + (1 - factor) * mean);
    near({ saturation: 0.4 }, (p, v) => factor * v + (1 - factor) * gray(p));
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])("turns the hue and leaves saturation and value (seed %i)", (seed) => {
    const turn = 0.5 * (2 * drawn(seed) - 1);
    const before = pixels(image).map(hsv);
    const after = pixels(seen({ hue: 0.5 }, seed)).map(hsv);
    before.forEach(([h, s, v], i) => {
      expect(after[i][1]).toBeCloseTo(s, 5);
      expect(after[i][2]).toBeCloseTo(v, 5);
      if (s > 0) expect(Math.abs(((after[i][0] - h - turn + 2.5) % 1) - 0.5)).toBeLessThan(1e-5);
    });
  });

  it("draws the order of the changes", () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const generator = random(seed);
      generator.uniform();
      const order: number[] = [];
      for (let i = 0; i < 2; i++) {
        const j = generator.integer(i + 1);
        order[i] = order[j];
        order[j] = i;
      }
      const expected = image.slice();
      for (const change of order) {
        const factor = 3 * generator.uniform();
        const mean =
          change === 0
            ? 0
            : pixels(expected)
                .map(gray)
                .reduce((sum, v) => sum + v, 0) / 4;
        expected.forEach((v, i) => (expected[i] = clamp(factor * v + (1 - factor) * mean)));
      }
      seen({ brightness: 2, contrast: 2 }, seed).forEach((v, i) => expect(v).toBeCloseTo(expected[i], 4));
      orders.add(order.join());
    }
    expect(orders.size).toBe(2);
  });

  it("changes as many images as its probability says", () => {
    let changed = 0;
    for (let seed = 0; seed < 400; seed++)
      if (seen({ brightness: 0.5, probability: 0.25 }, seed).join() !== image.join()) changed++;
    expect(Math.abs(changed - 100)).toBeLessThan(35); // four standard deviations
  });

  it("refuses what has no colours, and to change nothing", () => {
    const make = (options: Options, own: readonly number[]) => () =>
      colorJitter(options, { shape: own, random: random(0) });
    expect(make({ hue: 0.1 }, [4, 4])).toThrow(
      "Images of one channel have no colour whose saturation or hue could change; leave out saturation and hue.",
    );
    expect(make({ brightness: 0.1 }, [4, 4])).not.toThrow();
    expect(make({ brightness: 0.1 }, [4, 4, 2])).toThrow(
      "A color jitter needs images of 1 or 3 channels, but these have 2",
    );
    expect(make({ brightness: 0.1 }, [16])).toThrow("A color jitter needs images, of shape");
    expect(make({}, shape)).toThrow("changes nothing; set one of them above 0.");
  });
});
