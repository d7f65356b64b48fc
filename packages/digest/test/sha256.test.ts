import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../src/index.js";
import { sha256 as nodes } from "../src/node.js";
import { sha256 as portable } from "../src/portable.js";

/** Any string that JavaScript can hold: lone surrogates, which UTF-8 cannot say, are part of some. */
const text = fc.uint16Array({ maxLength: 100 }).map((units) => String.fromCharCode(...units));
/** Views that begin and end somewhere in their memory. */
const bytes = fc
  .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(20), fc.nat(20))
  .map(([whole, from, until]) => whole.subarray(from, Math.max(from, whole.length - until)));

describe("sha256", () => {
  it("is Node's own here", () => {
    expect(sha256).toBe(nodes);
  });

  it.each([
    [[""], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [["abc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [["a", Uint8Array.of(98), "c"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [["é"], "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"],
  ])("of %j is as published", (chunks, expected) => {
    for (const hash of [nodes, portable]) expect(hash(...chunks)).toBe(expected);
  });

  it("is the same where there is no Node.js, whatever the chunks", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, bytes), { maxLength: 8 }), (chunks) => {
        const hash = createHash("sha256");
        for (const chunk of chunks) hash.update(chunk);
        const expected = hash.digest("hex");
        expect(portable(...chunks)).toBe(expected);
        expect(nodes(...chunks)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("of chunks is that of the whole", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(500), (whole, cut) => {
        expect(portable(whole.subarray(0, cut), whole.subarray(cut))).toBe(portable(whole));
      }),
    );
  });
});
