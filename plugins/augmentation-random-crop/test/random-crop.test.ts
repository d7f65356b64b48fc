import plugin, { randomCrop } from "@everlearn/augmentation-random-crop";
import { checkAugmentation } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const [rows, columns, channels] = [5, 4, 3];
const shape = [rows, columns, channels];
const image = Uint8Array.from({ length: rows * columns * channels }, (_, i) => i + 1);

/** The crop that begins at a place of the image with its border, pixel by pixel. */
function cropped(padding: number, top: number, left: number): number[] {
  const bordered = Array.from({ length: rows + 2 * padding }, (_, row) =>
    Array.from({ length: columns + 2 * padding }, (__, column) => {
      const [r, c] = [row - padding, column - padding];
      const inside = r >= 0 && r < rows && c >= 0 && c < columns;
      const at = (r * columns + c) * channels;
      return inside ? [...image.subarray(at, at + channels)] : [0, 0, 0];
    }),
  );
  return bordered.slice(top, top + rows).flatMap((line) => line.slice(left, left + columns).flat());
}

describe("augmentation-random-crop", () => {
  it("conforms to the augmentation contract", async () => {
    await checkAugmentation(plugin, { options: { padding: 2 } });
    await checkAugmentation(plugin, { options: { padding: 3 }, shape: [4, 9] });
  });

  it.each([1, 2, 3])("cuts out every place of the image with a border of %i, each equally often", (padding) => {
    const side = 2 * padding + 1;
    const places = Array.from({ length: side * side }, (_, i) => [Math.floor(i / side), i % side]);
    const expected = places.map(([top, left]) => cropped(padding, top, left).join());
    const counts = new Map(expected.map((crop) => [crop, 0]));
    const { apply } = randomCrop({ padding }, { shape, random: random(padding) });
    const into = new Uint8Array(image.length).fill(99);
    const draws = 100 * places.length;
    for (let i = 0; i < draws; i++) {
      apply(image, into);
      const crop = into.join();
      expect(expected).toContain(crop);
      counts.set(crop, (counts.get(crop) ?? 0) + 1);
    }
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    const freedom = counts.size - 1;
    expect(counts.size).toBe(places.length);
    expect(chi).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom)); // four standard deviations above the mean
  });

  it("leaves an image without a border as it is", () => {
    const { apply } = randomCrop({ padding: 0 }, { shape, random: random(0) });
    const into = new Uint8Array(image.length);
    apply(image, into);
    expect(into).toEqual(image);
  });

  it("refuses what is no image, and a border as wide as the image", () => {
    const make = (padding: number, own: readonly number[]) => () =>
      randomCrop({ padding }, { shape: own, random: random(0) });
    expect(make(4, shape)).toThrow(
      "padding = 4 could cut out nothing but the border of images of 5 × 4 pixels; use padding ≤ 3.",
    );
    expect(make(1, [12])).toThrow(
      "A random crop needs images, of shape [rows, columns] or [rows, columns, channels], but the inputs' shape is [12]",
    );
    expect(make(1, [2, 2, 2, 2])).toThrow(RangeError);
    expect(make(3, [4, 4])).not.toThrow();
  });
});
