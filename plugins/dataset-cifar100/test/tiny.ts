import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { RecordArchive } from "@everlearn/downloads";
import { onTestFinished } from "vitest";
import { archive } from "../src/archive.js";

/** A byte of a record's image: of channel c and pixel p. */
export const value = (part: number, i: number, c: number, p: number): number =>
  (part * 101 + i * 7 + c * 85 + p * 3) % 256;

/** The labels of record i. */
export const labels = (i: number): number[] => archive.labels.map((_, place) => labelOf(place, i));
export const labelOf = (place: number, i: number): number => (i * (2 * place + 1)) % archive.labels[place].classes;

/** A tar file, written by hand: a header of 512 bytes for each file, its content, zeros up to the next 512. */
function tar(files: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const blocks = files.flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\x000000000\x000000000\0", 100);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0        0", 136);
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The data set's archive with few records: in each training file `perFile`, in the test file half as many. */
export function tiny(perFile: number): { bytes: Uint8Array; described: RecordArchive } {
  const records = (part: number, first: number, count: number): Uint8Array =>
    Uint8Array.from(
      Array.from({ length: count }, (_, i) => [
        ...labels(first + i),
        ...[0, 1, 2].flatMap((c) => Array.from({ length: 1024 }, (_, p) => value(part, first + i, c, p))),
      ]).flat(),
    );
  const bytes = gzipSync(
    tar([
      ...archive.train.map((name, f) => [name, records(0, f * perFile, perFile)] as const),
      ...archive.test.map((name) => [name, records(1, 0, perFile / 2)] as const),
      ["readme.html", Buffer.from("<!doctype html>")],
    ]),
  );
  return { bytes, described: { ...archive, md5: createHash("md5").update(bytes).digest("hex") } };
}

/** A new directory that goes when the test ends. */
export async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "everlearn-cifar100-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A folder of data sets that holds these bytes as the archive. */
export async function placed(bytes: Uint8Array): Promise<string> {
  const folder = await temporary();
  await mkdir(join(folder, archive.name));
  await writeFile(join(folder, archive.name, archive.file), bytes);
  return folder;
}
