import { createHash } from "node:crypto";
import { readArchive } from "./archive.js";
import { fileMd5 } from "./content.js";
import { type ByteImages, byteImages } from "./images.js";
import { locate, type Where } from "./places.js";
import { alteredProblem, DamagedFileError, type Publication } from "./publication.js";

/** A `.tar.gz` of files of records: a byte for each label, then an image's bytes, one plane for each channel. */
export interface RecordArchive {
  /** As in a `Publication`. */
  readonly name: string;
  readonly title: string;
  readonly mirrors: readonly string[];
  /** The archive's name and its MD5 (hex) as published. */
  readonly file: string;
  readonly md5: string;
  /** The most bytes that it may have, compressed and uncompressed. */
  readonly limit: number;
  /** The archive's files of training and of test records, in order. */
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** Of an image: rows, columns, channels. */
  readonly shape: readonly [number, number, number];
  /** The labels of a record, in order: what each is called, and the number of its classes. */
  readonly labels: readonly { readonly name: string; readonly classes: number }[];
}

/** The two parts of an archive. Their images are row by row, a pixel's channels side by side. */
export interface Records {
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly train: ByteImages;
  readonly test: ByteImages;
  /** The SHA-256 (hex) of the label's name and of all files of records as they are in the archive. */
  readonly checksum: string;
}

/** How the archive is found, fetched and checked. */
export function publicationOf({ name, title, mirrors, file, md5, limit }: RecordArchive): Publication {
  async function check(path: string): Promise<void> {
    const found = await fileMd5(path);
    if (found !== md5) throw new DamagedFileError(path, alteredProblem("MD5 of the archive", md5, found));
  }
  return { name, title, mirrors, files: [{ name: file, download: file, spellings: [file], limit, check }] };
}

/**
 * Finds the archive, checks its MD5 and reads it. The memory it takes is the uncompressed archive's, once.
 * @param label the name of the label that is the class
 * @throws Error where it is missing, damaged or altered; the message says what to do.
 */
export async function loadRecords(archive: RecordArchive, label: string, where: Where): Promise<Records> {
  const publication = publicationOf(archive);
  const located = await locate(publication, where);
  return located.read(archive.file, async (path) => {
    await publication.files[0].check(path);
    return records(archive, label, path, await readArchive(path, archive.limit));
  });
}

function records(archive: RecordArchive, label: string, path: string, files: ReadonlyMap<string, Uint8Array>): Records {
  const { name: owner, shape, labels } = archive;
  const size = shape[0] * shape[1] * shape[2];
  const place = labels.findIndex(({ name }) => name === label);
  const { classes } = labels[place];
  const hash = createHash("sha256").update(`${label}\n`);
  const scratch = new Uint8Array(size);

  function part(names: readonly string[]): ByteImages {
    const each = names.flatMap((name) => {
      const bytes = files.get(name);
      if (bytes === undefined) throw new DamagedFileError(path, `holds no ${name}`);
      hash.update(bytes);
      return cut(name, bytes);
    });
    return byteImages(
      `dataset-${owner}`,
      each.length,
      (i) => each[i][place],
      (i) => each[i].subarray(labels.length),
    );
  }

  /** Splits a file into records, and turns their images from planes into pixels in place. */
  function cut(name: string, bytes: Uint8Array): Uint8Array[] {
    const length = labels.length + size;
    if (bytes.length % length !== 0)
      throw new DamagedFileError(path, `has ${bytes.length} bytes in ${name}, which are no whole records of ${length}`);
    return Array.from({ length: bytes.length / length }, (_, i) => {
      const record = bytes.subarray(i * length, (i + 1) * length);
      if (record[place] >= classes)
        throw new DamagedFileError(path, `has the label ${record[place]} in ${name}, but there are ${classes} classes`);
      const image = record.subarray(labels.length);
      scratch.set(image);
      interleave(scratch, shape, image);
      return record;
    });
  }

  const train = part(archive.train);
  const test = part(archive.test);
  return { shape, classes, train, test, checksum: hash.digest("hex") };
}

/** From a plane for each channel to pixels: to[p · channels + c] ← from[c · pixels + p]. */
function interleave(from: Uint8Array, [rows, columns, channels]: RecordArchive["shape"], to: Uint8Array): void {
  const pixels = rows * columns;
  for (let c = 0; c < channels; c++)
    for (let p = 0, at = c; p < pixels; p++, at += channels) to[at] = from[c * pixels + p];
}
