import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError, readZip } from "../src/index.js";

/** An archive of one file `a`, and where its directory's fields are. */
function archive(content: Uint8Array, level: 0 | 6 = 6) {
  const bytes = zipSync({ a: content }, { level });
  const directory = bytes.length - 22 - 46 - 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    bytes,
    view,
    at: { flags: directory + 8, method: directory + 10, sum: directory + 16, size: directory + 24 },
  };
}

describe("readZip", () => {
  it("reads what fflate packs, stored or compressed", () => {
    const name = fc.stringMatching(/^[a-zé_/]{1,12}$/).filter((name) => name !== "__proto__"); // fflate keeps names in objects
    const files = fc.dictionary(name, fc.uint8Array({ maxLength: 500 }), { noNullPrototype: true });
    fc.assert(
      fc.property(files, fc.constantFrom(0 as const, 6 as const), (written, level) => {
        const packed = zipSync(written, { level });
        const found = Object.fromEntries([...readZip(packed)].map(([name, read]) => [name, Uint8Array.from(read())]));
        expect(found).toEqual(Object.fromEntries(Object.entries(unzipSync(packed))));
        expect(found).toEqual(written);
      }),
    );
  });

  it("reads files of many pieces", () => {
    const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 7);
    expect(readZip(zipSync({ a: content })).get("a")?.()).toEqual(content);
  });

  it("takes no more memory than a file announces", () => {
    const { bytes, view, at } = archive(new Uint8Array(20_000_000));
    for (const [size, problem] of [
      [1000, "holds more bytes of a than the 1000 that its header says"],
      [20_000_001, "is truncated: it has 20000000 of 20000001 bytes of a"],
      [100_000_000, /^is truncated or altered: \d+ bytes cannot hold 100000000 bytes of a$/],
    ] as const) {
      view.setUint32(at.size, size, true);
      expect(() => readZip(bytes).get("a")?.()).toThrow(problem);
    }
  });

  it("refuses an archive that announces far more than it holds", () => {
    const { bytes, view, at } = archive(new Uint8Array(20_000_000));
    const problem = `is too large: it holds 268435457 bytes, more than 100 times its own ${bytes.length}; store them uncompressed`;
    view.setUint32(at.size, 2 ** 28, true);
    expect(() => readZip(bytes)).not.toThrow();
    view.setUint32(at.size, 2 ** 28 + 1, true);
    expect(() => readZip(bytes)).toThrow(problem);
    view.setUint32(at.size, 0xfffffffe, true);
    expect(() => readZip(bytes)).toThrow("is too large: a has more than 2147483648 bytes");
    view.setUint32(at.size, 0xffffffff, true);
    expect(() => readZip(bytes)).toThrow("has a broken zip directory"); // it leads to zip64's fields, and there are none
  });

  it.each([["size"], ["compressed"], ["start"], ["all"]] as const)(
    "reads zip64's field of %s, and its directory",
    (which) => {
      const content = Uint8Array.from({ length: 300 }, (_, i) => i);
      const packed = Buffer.from(zipSync({ a: content }, { level: 0 }));
      const directory = packed.length - 22 - 46 - 1;
      const entry = Buffer.from(packed.subarray(directory, directory + 47));
      const places = { size: 24, compressed: 20, start: 42 };
      const moved = which === "all" ? (["size", "compressed", "start"] as const) : ([which] as const);
      const fields = moved.map((field) => {
        const value = Buffer.alloc(8);
        value.writeBigUInt64LE(BigInt(entry.readUInt32LE(places[field])));
        entry.writeUInt32LE(0xffffffff, places[field]);
        return value;
      });
      const extra = Buffer.concat([Buffer.of(9, 9, 1, 0, 7), Buffer.of(1, 0, 8 * fields.length, 0), ...fields]);
      entry.writeUInt16LE(extra.length, 30);
      const end = Buffer.alloc(56 + 20 + 22);
      end.writeUInt32LE(0x06064b50, 0);
      end.writeBigUInt64LE(1n, 32);
      end.writeBigUInt64LE(BigInt(directory), 48);
      end.writeUInt32LE(0x07064b50, 56);
      end.writeBigUInt64LE(BigInt(directory + entry.length + extra.length), 64);
      end.writeUInt32LE(0x06054b50, 76);
      end.writeUInt16LE(0xffff, 86);
      end.writeUInt32LE(0xffffffff, 92);
      const archive = Uint8Array.from(Buffer.concat([packed.subarray(0, directory), entry, extra, end]));
      expect(readZip(archive).get("a")?.()).toEqual(content);
      for (let length = 0; length < archive.length; length++)
        expect(() => readZip(archive.subarray(0, length)).get("a")?.()).toThrow(FormatError);
    },
  );

  it("counts all files of an archive together", () => {
    const parts = Object.fromEntries(["a", "b", "c"].map((name) => [name, new Uint8Array(9)]));
    const bytes = Buffer.from(zipSync(parts));
    for (let at = bytes.indexOf("PK\x01\x02"); at >= 0; at = bytes.indexOf("PK\x01\x02", at + 1))
      bytes.writeUInt32LE(10 ** 8, at + 24);
    expect(() => readZip(bytes)).toThrow("is too large: it holds 300000000 bytes, more than 100 times its own");
  });

  it.each([0, 6] as const)("refuses altered files, of level %s", (level) => {
    const { bytes, view, at } = archive(new Uint8Array(9), level);
    view.setUint32(at.sum, 1, true);
    expect(() => readZip(bytes).get("a")?.()).toThrow("is altered: the sum of a is wrong");
  });

  it("refuses secrets and compressions that it does not know", () => {
    const { bytes, view, at } = archive(new Uint8Array(9));
    view.setUint16(at.flags, 1, true);
    expect(() => readZip(bytes).get("a")?.()).toThrow("is encrypted: a cannot be read");
    view.setUint16(at.flags, 0, true);
    view.setUint16(at.method, 12, true);
    expect(() => readZip(bytes).get("a")?.()).toThrow("has a compressed in a way that is not known");
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["something else", Buffer.from("<!doctype html>".repeat(9))],
  ])("says that %s is no archive", (_, bytes) => {
    expect(() => readZip(bytes)).toThrow(FormatError);
    expect(() => readZip(bytes)).toThrow("is truncated, or no zip archive: it has no directory at its end");
  });
});
