import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, npy, readNpy } from "../src/index.js";
import { npyOf, raw } from "./numpy.js";

describe("readNpy", () => {
  it("reads the longer headers of versions 2 and 3", () => {
    const one = npyOf("|u1", [3], Uint8Array.of(7, 8, 9));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(new DataView(one.buffer, one.byteOffset).getUint16(8, true));
    for (const version of [2, 3]) {
      const long = Buffer.concat([one.subarray(0, 6), Buffer.of(version, 0), length, one.subarray(10)]);
      expect(readNpy("a", long)).toEqual({ shape: [3], kind: "u", values: Uint8Array.of(7, 8, 9) });
    }
  });

  it.each([
    ["u1", Uint8Array.of(0, 255), undefined],
    ["i1", Int8Array.of(-128, 127), undefined],
    ["u2", Uint16Array.of(1, 65_535), undefined],
    ["i2", Int16Array.of(-32_768, 5), undefined],
    ["u4", Uint32Array.of(4_294_967_295, 0), undefined],
    ["i4", Int32Array.of(-5, 2_147_483_647), undefined],
    ["u8", BigUint64Array.of(2n ** 63n, 9n), Float64Array.of(2 ** 63, 9)],
    ["i8", BigInt64Array.of(-(2n ** 40n), 9n), Float64Array.of(-(2 ** 40), 9)],
    ["f4", Float32Array.of(-0.5, 3e38), undefined],
    ["f8", Float64Array.of(Math.PI, -1e300), undefined],
  ])("reads NumPy's %s in both orders of bytes, wherever they lie", (type, values, expected) => {
    const width = values.BYTES_PER_ELEMENT;
    const swapped = raw(values);
    for (let at = 0; at < swapped.length; at += width) swapped.subarray(at, at + width).reverse();
    for (const file of [npyOf(`<${type}`, [2, 1], raw(values)), npyOf(`>${type}`, [2, 1], swapped)])
      for (const shift of [0, 1, 4]) {
        const place = Buffer.concat([Buffer.alloc(shift), file]);
        const before = Buffer.from(place);
        const read = readNpy("a", place.subarray(shift));
        expect(read).toEqual({ shape: [2, 1], kind: type[0], values: expected ?? values });
        expect(read.values.constructor).toBe((expected ?? values).constructor); // no Buffer, which is a Uint8Array too
        expect(place).toEqual(before);
      }
  });

  it("reads floats of 16 bits, the smallest and the largest too", () => {
    const halves = Uint16Array.of(0, 0x8000, 1, 0x03ff, 0x0400, 0x3c00, 0xbc01, 0x7bff, 0x7c00, 0xfc00, 0x3555);
    const expected = [
      0,
      -0,
      2 ** -24,
      1023 / 2 ** 24,
      2 ** -14,
      1,
      -1025 / 1024,
      65_504,
      Infinity,
      -Infinity,
      1365 / 4096,
    ];
    const read = readNpy("a", npyOf("<f2", [11], raw(halves)));
    expect(read).toEqual({ shape: [11], kind: "f", values: Float32Array.from(expected) });
    expect(readNpy("a", npyOf("<f2", [1], Uint8Array.of(0, 0x7e))).values[0]).toBeNaN();
    expect(readNpy("a", npyOf(">f2", [1], Uint8Array.of(0x3c, 0))).values[0]).toBe(1);
  });

  it("puts Fortran's order into C's, of any rank", () => {
    const shape = [2, 3, 4];
    const at = (i: number, j: number, k: number) => 100 * i + 10 * j + k;
    const [fortran, c]: number[][] = [[], []];
    for (let k = 0; k < 4; k++) for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) fortran.push(at(i, j, k));
    for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) c.push(at(i, j, k));
    const file = npyOf("<f4", shape, raw(Float32Array.from(fortran)), "True");
    expect(readNpy("a", file)).toEqual({ shape, kind: "f", values: Float32Array.from(c) });
    const words = npyOf("|S1", [2, 2], Buffer.from("acbd"), "True");
    expect(readNpy("a", words)).toEqual({ shape: [2, 2], kind: "U", values: ["a", "b", "c", "d"] });
  });

  it("reads truth values and texts", () => {
    const truths = readNpy("a", npyOf("|b1", [3], Uint8Array.of(1, 0, 1)));
    expect(truths).toEqual({ shape: [3], kind: "b", values: Uint8Array.of(1, 0, 1) });
    expect(readNpy("a", npyOf("|S3", [2], Buffer.from("ab\0cde")))).toEqual({
      shape: [2],
      kind: "U",
      values: ["ab", "cde"],
    });
    const points = [0x1f600, 0, 0xe9, 0x41];
    const little = Uint32Array.from(points);
    const big = raw(little);
    for (let i = 0; i < big.length; i += 4) big.subarray(i, i + 4).reverse();
    for (const file of [npyOf("<U2", [2], raw(little)), npyOf(">U2", [2], big)])
      expect(readNpy("a", file)).toEqual({ shape: [2], kind: "U", values: ["😀", "éA"] });
  });

  it("does not copy what lies there as it is needed", () => {
    const file = Uint8Array.from(npyOf("<f4", [2], raw(Float32Array.of(1, 2))));
    const { values } = readNpy("a", file);
    expect("buffer" in values && values.buffer).toBe(file.buffer);
  });

  const bytes = new Uint8Array(6);
  it.each([
    ["nothing", new Uint8Array(0), "holds a, which is no NumPy array"],
    ["something else", Buffer.from("hello, how are you"), "holds a, which is no NumPy array"],
    ["half a header", npyOf("|u1", [6], bytes).subarray(0, 60), "holds a, which is truncated"],
    [
      "another header",
      npyOf("|u1", [], bytes).fill(32, 10, 20),
      "holds a of NumPy's type with fields, where integers,",
    ],
    ["no shape", npyOf("|u1", [-6], bytes), "holds a, whose NumPy header cannot be read"],
    [
      "objects",
      npyOf("|O", [6], bytes),
      "holds a of NumPy's type |O, where integers, floats of 16, 32 or 64 bits, truth",
    ],
    ["complex numbers", npyOf("<c8", [3], bytes), "holds a of NumPy's type <c8, where"],
    ["no Unicode", npyOf("<U1", [1], Uint8Array.of(0, 0, 17, 0)), "holds a with a text that is no Unicode"],
    ["too few bytes", npyOf("|u1", [7], bytes), "holds a, which has 6 bytes where its shape (7) needs 7"],
    ["too many bytes", npyOf("<f4", [1], bytes), "holds a, which has 6 bytes where its shape (1) needs 4"],
    [
      "more than there is in the world",
      npyOf("|u1", [2 ** 40, 2 ** 40], bytes),
      "which has 6 bytes where its shape (1099511627776, 1099511627776) needs 1.2089258196146292e+24",
    ],
  ])("says of %s what is wrong", (_, file, problem) => {
    expect(() => readNpy("a", file)).toThrow(FormatError);
    expect(() => readNpy("a", file)).toThrow(problem);
  });
});

describe("npy", () => {
  it("writes what readNpy reads", () => {
    fc.assert(
      fc.property(fc.float32Array(), (values) => {
        expect(readNpy("a", npy(values))).toEqual({ shape: [values.length], kind: "f", values });
      }),
    );
  });

  it("writes the header that NumPy's documentation describes", () => {
    const file = Buffer.from(npy(Float32Array.of(1, -2)));
    expect(file.toString("latin1", 0, 8)).toBe("\x93NUMPY\x01\x00");
    expect(file.readUInt16LE(8)).toBe(128 - 10);
    expect(file.toString("latin1", 10, 128)).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2,\), \} *\n$/,
    );
    expect([file.readFloatLE(128), file.readFloatLE(132), file.length]).toEqual([1, -2, 136]);
  });

  it("has the data begin at a multiple of 64 bytes, whatever their number", () => {
    for (const length of [0, 1, 9, 10, 99_999, 100_000, 1_234_567])
      expect((npy(new Float32Array(length)).length - 4 * length) % 64).toBe(0);
  });
});
