import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digest } from "../src/index.js";

describe("digest", () => {
  it("is SHA-256 of canonical JSON", () => {
    // echo -n '{"a":[1,"é"],"b":null}' | sha256sum
    expect(digest({ b: null, a: [1, "é"], c: undefined })).toBe(
      "1e02bc81a26af2f027329541e97eef36f3290bedc6dfe043dbe66b057ecb13ba",
    );
  });

  it("is that of an independent implementation, for whatever JSON can say", () => {
    const readBack = (value: unknown): unknown => JSON.parse(JSON.stringify(value)); // without −0
    const rows = fc.array(fc.array(fc.double({ noDefaultInfinity: true, noNaN: true })));
    const keys = fc.constantFrom("10", "9", "é", "z", "€", "\u{1f600}", "\ufb33", "\r", "1", "\u0080", "");
    const odd = fc.dictionary(keys, fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), rows, odd), (value) => {
        const read = readBack(value);
        expect(digest(read)).toBe(
          createHash("sha256")
            .update(canonicalize(read) ?? "")
            .digest("hex"),
        );
      }),
    );
    expect(digest([1, undefined])).toBe(digest([1, null]));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])("refuses %d", (number) => {
    expect(() => digest({ a: [number] })).toThrow(RangeError);
  });
});
