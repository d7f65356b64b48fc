import { describe, expect, it } from "vitest";
import { FormatError, readSafetensors } from "../src/index.js";
import { raw } from "./numpy.js";

/** A file as the format's documentation describes it: the header's length, the header, the tensors. */
function fileOf(
  tensors: Readonly<Record<string, readonly [dtype: string, shape: number[], data: Uint8Array]>>,
): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, [dtype, shape, { length }]]) => {
    end += length;
    return [name, { dtype, shape, data_offsets: [end - length, end] }];
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: { made: "by hand" }, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...Object.values(tensors).map(([, , data]) => data)]);
}

describe("readSafetensors", () => {
  it("reads tensors of every type, wherever they lie", () => {
    const file = fileOf({
      bool: ["BOOL", [2], Uint8Array.of(1, 0)],
      u8: ["U8", [1, 3], Uint8Array.of(1, 2, 255)],
      i8: ["I8", [1], raw(Int8Array.of(-3))],
      u16: ["U16", [1], raw(Uint16Array.of(40_000))],
      i16: ["I16", [1], raw(Int16Array.of(-4))],
      u32: ["U32", [1], raw(Uint32Array.of(2 ** 32 - 1))],
      i32: ["I32", [1], raw(Int32Array.of(-5))],
      u64: ["U64", [1], raw(BigUint64Array.of(2n ** 40n))],
      i64: ["I64", [1], raw(BigInt64Array.of(-(2n ** 40n)))],
      f16: ["F16", [2], raw(Uint16Array.of(0x3c00, 0xc000))],
      bf16: ["BF16", [2], raw(Uint16Array.of(0x3f80, 0xc020))],
      f32: ["F32", [2, 1], raw(Float32Array.of(0.5, -1))],
      f64: ["F64", [1], raw(Float64Array.of(Math.PI))],
      none: ["F32", [0, 4], new Uint8Array(0)],
    });
    const read = Object.fromEntries(
      [...readSafetensors(file)].map(([name, tensor]) => [
        name,
        [tensor().kind, tensor().shape, Array.from(tensor().values)],
      ]),
    );
    expect(read).toEqual({
      bool: ["b", [2], [1, 0]],
      u8: ["u", [1, 3], [1, 2, 255]],
      i8: ["i", [1], [-3]],
      u16: ["u", [1], [40_000]],
      i16: ["i", [1], [-4]],
      u32: ["u", [1], [2 ** 32 - 1]],
      i32: ["i", [1], [-5]],
      u64: ["u", [1], [2 ** 40]],
      i64: ["i", [1], [-(2 ** 40)]],
      f16: ["f", [2], [1, -2]],
      bf16: ["f", [2], [1, -2.5]],
      f32: ["f", [2, 1], [0.5, -1]],
      f64: ["f", [1], [Math.PI]],
      none: ["f", [0, 4], []],
    });
  });

  it("is refused when anything is cut off", () => {
    const whole = fileOf({ a: ["F32", [2], raw(Float32Array.of(1, 2))] });
    for (let length = 0; length < whole.length; length++)
      expect(() => readSafetensors(whole.subarray(0, length)).get("a")?.()).toThrow(FormatError);
  });

  it.each([
    ["no JSON", Buffer.from("\x05\0\0\0\0\0\0\0hello"), "its header is not JSON"],
    ["another file", Buffer.from("<!doctype html>"), "is truncated, or no file of safetensors"],
    [
      "a strange type",
      fileOf({ a: ["F8_E4M3", [1], Uint8Array.of(1)] }),
      "holds a of the type F8_E4M3, which cannot be read",
    ],
    ["a name of Object's", fileOf({ a: ["constructor", [1], Uint8Array.of(1)] }), "of the type constructor, which"],
    ["a wrong shape", fileOf({ a: ["F32", [3], new Uint8Array(8)] }), "has 8 bytes where its shape (3) needs 12"],
    ["a negative shape", fileOf({ a: ["F32", [-2], new Uint8Array(8)] }), "does not say type, shape and place"],
  ])("says of %s what is wrong", (_, file, problem) => {
    expect(() => readSafetensors(file).get("a")?.()).toThrow(problem);
  });
});
