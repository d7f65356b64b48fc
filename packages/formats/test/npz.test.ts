import { describe, expect, it } from "vitest";
import { FormatError, type NumpyArray, type NumpyTexts, readNpz } from "../src/index.js";
import { archives, fortran } from "./fixtures.js";

const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const names = ["x_train", "y_train", "x_test", "y_test"];

/** The four arrays. @throws FormatError also where one is missing */
function readAll(file: Uint8Array): (NumpyArray | NumpyTexts)[] {
  const arrays = readNpz(file);
  return names.map((name) => {
    const read = arrays.get(name);
    if (read === undefined) throw new FormatError(`has no ${name}`);
    return read();
  });
}

describe.each(Object.entries(archives))("a file that NumPy wrote, %s,", (_, file) => {
  const whole = bytes(file);
  const right = readAll(whole);

  it("is read", () => {
    const counting = (first: number, length: number) => Uint8Array.from({ length }, (_, i) => first + i);
    expect([...readNpz(whole).keys()]).toEqual(names);
    expect(right).toEqual([
      { shape: [6, 2, 2], kind: "u", values: counting(0, 24) },
      { shape: [6], kind: "i", values: Float64Array.of(0, 1, 2, 0, 1, 2) },
      { shape: [3, 2, 2], kind: "u", values: counting(12, 12) },
      { shape: [3], kind: "i", values: Float64Array.of(0, 1, 2) },
    ]);
  });

  it("is refused when anything is cut off", () => {
    for (let length = 0; length < whole.length; length++)
      expect(() => readAll(whole.subarray(0, length))).toThrow(FormatError);
  });

  it("is refused, or the same, when anything is altered", () => {
    for (let i = 0; i < whole.length; i++) {
      const altered = Uint8Array.from(whole);
      altered[i] ^= 0x11;
      let found = right;
      try {
        found = readAll(altered);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
      expect(found).toEqual(right);
    }
  });
});

describe("a file that NumPy wrote in Fortran's order", () => {
  it("is read in C's", () => {
    const arrays = readNpz(bytes(fortran));
    expect(arrays.get("x_train")?.().shape).toEqual([6, 2, 2]);
    expect([...(arrays.get("x_train")?.().values ?? [])]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });
});
