import plugin, { horizontalFlip } from "@everlearn/augmentation-horizontal-flip";
import { checkAugmentation } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";

const shape = [2, 3, 2];
const image = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
const mirrored = Uint8Array.of(5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8);

/** The image as it is seen by a flip of this probability. */
function flipped(x: Uint8Array, probability: number, generator = random(0)): Uint8Array {
  const into = new Uint8Array(x.length);
  horizontalFlip({ probability }, { shape, random: generator }).apply(x, into);
  return into;
}

describe("augmentation-horizontal-flip", () => {
  it("conforms to the augmentation contract", async () => {
    await checkAugmentation(plugin);
    await checkAugmentation(plugin, { options: { probability: 1 }, shape: [3, 7] });
  });

  it("mirrors always, never, or as a coin falls", () => {
    expect(flipped(image, 1)).toEqual(mirrored);
    expect(flipped(image, 0)).toEqual(image);
    const generator = random(4);
    const coins = random(4);
    for (let i = 0; i < 200; i++)
      expect(flipped(image, 0.3, generator)).toEqual(coins.uniform() < 0.3 ? mirrored : image);
  });

  it("is its own inverse, with the same coin", () => {
    for (let seed = 0; seed < 20; seed++)
      expect(flipped(flipped(image, 0.5, random(seed)), 0.5, random(seed))).toEqual(image);
  });

  it("refuses what is no image", () => {
    expect(() => horizontalFlip({}, { shape: [12], random: random(0) })).toThrow(
      "A horizontal flip needs images, of shape [rows, columns] or [rows, columns, channels], but the inputs' shape is [12]; remove it, or use a data set of images.",
    );
  });
});
