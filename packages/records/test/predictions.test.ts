import { inflateRawSync } from "node:zlib";
import { sha256 } from "@everlearn/digest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packPredictions, unpackPredictions } from "../src/index.js";

describe("a receipt's answers", () => {
  it("are packed as little-endian uint16, whatever they are a view of", () => {
    const shifted = Uint16Array.of(9, 1, 258).subarray(1);
    expect(inflateRawSync(Buffer.from(packPredictions(shifted).deflated ?? "", "base64"))).toEqual(
      Buffer.from([1, 0, 2, 1]),
    );
  });

  it("are unpacked as they were", () => {
    fc.assert(
      fc.property(fc.uint16Array(), (answers) => {
        const packed = packPredictions(answers);
        expect(packed.count).toBe(answers.length);
        const bytes = unpackPredictions(packed);
        expect([...new Uint16Array(new Uint8Array(bytes ?? []).buffer)]).toEqual([...answers]);
        expect(packed.sha256).toBe(sha256(bytes ?? ""));
      }),
    );
  });

  it("are not believed where they are fewer, more, others or unreadable", () => {
    const packed = packPredictions(Uint16Array.of(3, 1, 4));
    const { deflated: other = "" } = packPredictions(Uint16Array.of(3, 1, 5));
    for (const wrong of [{ count: 2 }, { count: 4 }, { deflated: other }, { deflated: "AA" }, { sha256: "" }])
      expect(unpackPredictions({ ...packed, ...wrong })).toBeUndefined();
    expect(unpackPredictions({ ...packed, deflated: packPredictions(new Uint16Array(1_000_000)).deflated ?? "" })).toBe(
      undefined,
    );
  });
});
