import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writePng } from "../../formats/test/png-writer.js";
import { zipSync } from "fflate";
import type { PictureArchive } from "../src/index.js";
import { temporary } from "./tiny.js";

/** A picture of one colour, grey if it is a number. */
export function picture(value: number | readonly [number, number, number], side: number): Uint8Array {
  const channels = typeof value === "number" ? [value] : value;
  const samples = Array.from({ length: side * side }, () => channels).flat();
  const color = channels.length === 1 ? 0 : 2;
  return writePng({
    columns: side,
    rows: side,
    color,
    depth: 8,
    interlaced: false,
    samples,
    filters: [0],
    palette: [],
  });
}

/** The files below the archive's folder, as it holds them. */
export type Files = Readonly<Record<string, Uint8Array | string>>;

const contents = (files: Files, folder: string): [string, Uint8Array][] =>
  Object.entries(files).map(([name, content]) => [
    `${folder}/${name}`,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  ]);

/** The archive with these files, and what it is called, as a small publication. */
export function zipOf(archive: PictureArchive, files: Files): { bytes: Uint8Array; described: PictureArchive } {
  const bytes = zipSync(Object.fromEntries(contents(files, archive.folder)));
  return { bytes, described: { ...archive, md5: createHash("md5").update(bytes).digest("hex") } };
}

/** A folder of data sets that holds the files, as the archive or unpacked. */
export async function placed(archive: PictureArchive, files: Files, how: "zip" | "folder"): Promise<string> {
  const folder = await temporary();
  const own = join(folder, archive.name);
  await mkdir(own);
  if (how === "zip") await writeFile(join(own, archive.file), zipOf(archive, files).bytes);
  else
    for (const [name, content] of contents(files, archive.folder)) {
      await mkdir(dirname(join(own, name)), { recursive: true });
      await writeFile(join(own, name), content);
    }
  return folder;
}
