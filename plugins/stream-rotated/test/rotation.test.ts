import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { distance, range } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";
import { cosineAndSine, rotation } from "../src/rotation.js";

interface Image {
  height: number;
  width: number;
  channels: number;
  seed: number;
}
interface Reference {
  many: number;
  step: number;
  images: (Image & { turned: Record<string, string>; sha256: string })[];
}
const reference = JSON.parse(readFileSync(new URL("rotations.json", import.meta.url), "utf8")) as Reference;

/** The image that make-reference.py describes. */
function bytes({ height, width, channels, seed }: Image): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: height * width * channels }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

function turn(image: Image, angle: number): Uint8Array {
  const { height, width, channels } = image;
  const pixels = bytes(image);
  const sources = rotation(height, width, angle);
  return pixels.map((_, i) => {
    const source = sources[Math.floor(i / channels)];
    return source < 0 ? 0 : pixels[source * channels + (i % channels)];
  });
}

describe.each(reference.images)("a $height × $width × $channels image", (image) => {
  it.each(Object.entries(image.turned))("turns by %s° as Pillow turns it", (angle, turned) => {
    expect(turn(image, Number(angle))).toEqual(new Uint8Array(Buffer.from(turned, "base64")));
  });

  it(`turns by ${reference.many} angles as Pillow turns it`, () => {
    const digest = createHash("sha256");
    for (let k = 0; k < reference.many; k++) digest.update(turn(image, k * reference.step));
    expect(digest.digest("hex")).toBe(image.sha256);
  });
});

describe("rotation", () => {
  it("is counter-clockwise: a quarter turn brings the right column to the top", () => {
    expect([...rotation(2, 2, 90)]).toEqual([1, 3, 0, 2]);
    expect([...rotation(2, 2, 360)]).toEqual([0, 1, 2, 3]);
  });
});

describe("cosine and sine", () => {
  it("are within one unit in the last place of 1 of the platform's", () => {
    const angles = range(20_000).map((k) => (k / 20_000) * 2 * Math.PI);
    const found = angles.map(cosineAndSine);
    const [cosines, sines] = [found.map(([cosine]) => cosine), found.map(([, sine]) => sine)];
    expect(distance(cosines, angles.map(Math.cos))).toBeLessThanOrEqual(2 ** -52);
    expect(distance(sines, angles.map(Math.sin))).toBeLessThanOrEqual(2 ** -52);
  });
});
