import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { RecordArchive, RecordFile } from "@everlearn/downloads";
import { onTestFinished } from "vitest";
import { tar } from "../../../packages/downloads/test/tar.js";
import { archive } from "../src/archive.js";

/** A byte of a record's image: of channel c and pixel p. */
export const value = (part: number, i: number, c: number, p: number): number =>
  (part * 101 + i * 7 + c * 85 + p * 3) % 256;

/** The labels of record i. */
export const labels = (i: number): number[] => archive.labels.map((_, place) => labelOf(place, i));
export const labelOf = (place: number, i: number): number =>
  (i * (2 * place + 1)) % archive.labels[place].classNames.length;

/** The data set's archive with few records: in each training file `perFile`, in the test file half as many. */
export function tiny(perFile: number): { bytes: Uint8Array; described: RecordArchive } {
  const records = (part: number, first: number, count: number): Uint8Array =>
    Uint8Array.from(
      Array.from({ length: count }, (_, i) => [
        ...labels(first + i),
        ...[0, 1, 2].flatMap((c) => Array.from({ length: 1024 }, (_, p) => value(part, first + i, c, p))),
      ]).flat(),
    );
  const parts = [
    ...archive.train.map((file, f) => ({ ...file, data: records(0, f * perFile, perFile) })),
    ...archive.test.map((file) => ({ ...file, data: records(1, 0, perFile / 2) })),
  ];
  const bytes = gzipSync(
    tar([
      ...parts.map(({ name, data }) => ({ name: `${archive.folder}/${name}`, data })),
      { name: `${archive.folder}/readme.html`, data: Buffer.from("<!doctype html>") },
    ]),
  );
  const md5 = (data: Uint8Array): string => createHash("md5").update(data).digest("hex");
  const summed = (files: readonly RecordFile[]): RecordFile[] =>
    files.map(({ name }) => ({ name, md5: md5(parts.find((part) => part.name === name)?.data ?? bytes) }));
  return {
    bytes,
    described: { ...archive, md5: md5(bytes), train: summed(archive.train), test: summed(archive.test) },
  };
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
