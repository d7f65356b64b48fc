import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeImage, type PictureFitting, fitted, FormatError, type Raster } from "@everlearn/formats";
import { fileMd5 } from "./content.js";
import { type ByteImages, byteImages } from "./images.js";
import { nowhere, type Place, placesOf, type Where } from "./places.js";
import { alteredProblem, DamagedFileError, type Publication } from "./publication.js";
import { openTree, type Tree } from "./tree.js";

/** A zip archive of pictures as it was published: it is read as it is, or unpacked. */
export interface PictureArchive extends Pick<Publication, "name" | "title" | "mirrors"> {
  /** The archive's name, and its MD5 (hex) as published. */
  readonly file: string;
  readonly md5: string;
  /** The most bytes that it may have. */
  readonly limit: number;
  /** The folder in it, which is what it unpacks to. */
  readonly folder: string;
}

/** A picture's path below the archive's folder, and its class. */
export interface Picture {
  readonly file: string;
  readonly label: number;
}

/** Which pictures are for training and which for test. */
export interface PictureLayout {
  readonly classNames: readonly string[];
  readonly train: readonly Picture[];
  readonly test: readonly Picture[];
}

/** What an archive's pictures come to: bytes, all of one size. */
export interface Pictures {
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly train: ByteImages;
  readonly test: ByteImages;
  /** The SHA-256 (hex) of the shape, the classes, all labels and all pixels. */
  readonly checksum: string;
}

/** How a part of the archive's tree is read where a layout depends on it. */
export interface Lists {
  /** The paths of all files below the archive's folder, sorted. */
  readonly files: readonly string[];
  /** The lines of a text file, without empty ones. @throws DamagedFileError where there is none */
  lines(file: string): Promise<string[]>;
  /** An error of the whole tree: a predicate of it, such as "lacks train/". */
  fail(problem: string): DamagedFileError;
}

/** No part may have more pixels' bytes. */
const most = 2 ** 32;

/** How archives of pictures are found, fetched and checked. */
export function publicationOfPictures(archives: readonly PictureArchive[]): Publication {
  const [{ name, title, mirrors }] = archives;
  const files = archives.map(({ file, md5, limit }) => ({
    ...{ name: file, download: file, spellings: [file], limit },
    async check(path: string): Promise<void> {
      const found = await fileMd5(path);
      if (found !== md5) throw new DamagedFileError(path, alteredProblem("MD5 of the archive", md5, found));
    },
  }));
  return { name, title, mirrors, files };
}

/**
 * Finds an archive or the folder that it unpacks to, and reads its pictures one after the other.
 * @param arrange tells from the tree which pictures are of which class
 * @throws Error where it is missing or damaged; the message says what to do.
 */
export async function loadPictures(
  archive: PictureArchive,
  arrange: (lists: Lists) => Promise<PictureLayout> | PictureLayout,
  fitting: PictureFitting,
  where: Where,
): Promise<Pictures> {
  const { name: owner } = archive;
  const { path, place } = await findTree(archive, where);
  try {
    const tree = await openTree(path);
    try {
      return await read(tree, archive, arrange, fitting);
    } finally {
      await tree.close();
    }
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    throw new Error(`dataset-${owner}: ${error.path} ${error.problem}; run \`${place.command}\` for a fresh copy.`, {
      cause: error,
    });
  }
}

async function findTree(archive: PictureArchive, where: Where): Promise<{ path: string; place: Place }> {
  const { name, file, folder } = archive;
  const places = placesOf(archive, where);
  for (const place of places) {
    for (const directory of place.directories)
      for (const one of [file, folder]) {
        const path = join(directory, one);
        if (await stat(path).then(Boolean, () => false)) return { path, place };
      }
    if (where.folder !== undefined)
      throw new Error(
        `dataset-${name} found no ${file} and no ${folder} in ${place.directories.join(" or ")}; put the original archive or its unpacked folder there, or run \`${place.command}\`.`,
      );
  }
  throw nowhere(publicationOfPictures([archive]), places);
}

async function read(
  tree: Tree,
  { name: owner, folder }: PictureArchive,
  arrange: (lists: Lists) => Promise<PictureLayout> | PictureLayout,
  fitting: PictureFitting,
): Promise<Pictures> {
  const prefix = tree.files.some((file) => file.startsWith(`${folder}/`)) ? `${folder}/` : "";
  const fail = (problem: string) => new DamagedFileError(tree.path, problem);
  const { classNames, train, test } = await arrange({
    files: tree.files.flatMap((file) => (file.startsWith(prefix) ? [file.slice(prefix.length)] : [])),
    async lines(file) {
      if (!tree.files.includes(prefix + file)) throw fail(`holds no ${file}`);
      const text = new TextDecoder().decode(await tree.read(prefix + file));
      return text.split(/\r?\n/).filter((line) => line.trim() !== "");
    },
    fail,
  });
  const lacking = classNames.findIndex((_, label) => !train.some((picture) => picture.label === label));
  if (lacking >= 0) throw fail(`holds no training pictures of ${classNames[lacking]}`);
  if (test.length === 0) throw fail("holds no test pictures");

  async function picture({ file }: Picture): Promise<Raster> {
    const bytes = await tree.read(prefix + file);
    try {
      return fitted(decodeImage(bytes), fitting);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new DamagedFileError(tree.path, `holds ${file}, which ${error.message}`, { cause: error });
    }
  }

  const { rows, columns, channels } = await picture(train[0]);
  const shape = [rows, columns, channels] as const;
  const size = rows * columns * channels;
  const hash = createHash("sha256").update(`${JSON.stringify({ shape, classes: classNames.length })}\n`);

  async function part(pictures: readonly Picture[]): Promise<ByteImages> {
    if (pictures.length * size > most)
      throw new Error(
        `dataset-${owner} would take ${pictures.length * size} bytes at ${columns} × ${rows} pixels; choose a smaller size.`,
      );
    const values = new Uint8Array(pictures.length * size);
    for (const [i, one] of pictures.entries()) {
      const { data, ...found } = await picture(one);
      if (found.rows !== rows || found.columns !== columns || found.channels !== channels)
        throw fail(
          `holds ${one.file} of ${found.columns} × ${found.rows} × ${found.channels}, but ${train[0].file} is ${columns} × ${rows} × ${channels}`,
        );
      values.set(data, i * size);
    }
    const labels = Uint16Array.from(pictures, ({ label }) => label);
    hash.update(`${labels.length}\n`).update(Uint8Array.from(labels, (label) => label >> 8));
    hash.update(Uint8Array.from(labels)).update(values);
    return byteImages(
      `dataset-${owner}`,
      labels.length,
      (i) => labels[i],
      (i) => values.subarray(i * size, (i + 1) * size),
    );
  }

  const parts = { train: await part(train), test: await part(test) };
  return { shape, classes: classNames.length, classNames, ...parts, checksum: hash.digest("hex") };
}
