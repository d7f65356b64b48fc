import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { readArchive } from "./archive.js";
import { fileMd5 } from "./content.js";
import { type Fetched, fetchFiles, type FetchOptions } from "./fetch.js";
import { type ByteImages, byteImages } from "./images.js";
import { nowhere, type Place, placesOf, type Where } from "./places.js";
import { alteredProblem, DamagedFileError, type Publication } from "./publication.js";

/** A file of records and its MD5 (hex) as published, or as everybody finds it in the published archive. */
export interface RecordFile {
  readonly name: string;
  readonly md5: string;
}

/** A `.tar.gz` of files of records: a byte for each label, then an image's bytes, one plane for each channel. */
export interface RecordArchive extends Pick<Publication, "name" | "title" | "mirrors"> {
  /** The archive's name and its MD5 (hex) as published. */
  readonly file: string;
  readonly md5: string;
  /** The most bytes that it may have, compressed and uncompressed. */
  readonly limit: number;
  /** The folder in the archive that holds the files. */
  readonly folder: string;
  /** The files of training and of test records, in order. */
  readonly train: readonly RecordFile[];
  readonly test: readonly RecordFile[];
  /** What else its authors publish, which is not read: names of files and folders, and which version they are. */
  readonly others: Readonly<Record<string, string>>;
  /** Of an image: rows, columns, channels. */
  readonly shape: readonly [number, number, number];
  /** The labels of a record, in order: what each is called, and its classes' names. */
  readonly labels: readonly { readonly name: string; readonly classNames: readonly string[] }[];
}

/** The two parts of an archive. Their images are row by row, a pixel's channels side by side. */
export interface Records {
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly train: ByteImages;
  readonly test: ByteImages;
  /** The SHA-256 (hex) of the label's name and of all files of records as they are in the archive. */
  readonly checksum: string;
}

/** The files of records at a place: where they came from, and a reader of each. */
interface Source {
  readonly place: Place;
  readonly path: string;
  /** @throws DamagedFileError */
  read(): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** How the archive is found, fetched and checked. */
export function publicationOf(archive: RecordArchive): Publication {
  const { name, title, mirrors, file, md5, limit } = archive;
  async function check(path: string): Promise<void> {
    if ((await fileMd5(path)) !== md5) await filesIn(path, archive); // packed again, perhaps
  }
  return { name, title, mirrors, files: [{ name: file, download: file, spellings: [file], limit, check }] };
}

/** Downloads the archive, unless it or its files are there already and right. @throws Error as `fetchFiles` */
export async function fetchRecords(archive: RecordArchive, options: FetchOptions = {}): Promise<Fetched> {
  const { folder, env } = options;
  const [place] = placesOf(archive, { folder, env: { ...(env ?? process.env), EVERLEARN_DATA: "" } });
  const unpacked = await findUnpacked(archive, place).catch(() => undefined); // where some are missing
  if (unpacked !== undefined && (await isArchive(place, archive)) === undefined) {
    const right = await unpacked.read().then(
      () => true,
      () => false,
    );
    if (right) return { directory: unpacked.path, downloaded: [], kept: filesOf(archive).map(({ name }) => name) };
  }
  return fetchFiles(publicationOf(archive), options);
}

/**
 * Finds the archive or its unpacked files, checks the files' MD5 and reads them. The memory it takes is theirs, once.
 * @param label the name of the label that is the class
 * @throws Error where they are missing, damaged or altered; the message says what to do.
 */
export async function loadRecords(archive: RecordArchive, label: string, where: Where): Promise<Records> {
  const { place, path, read } = await findSource(archive, where);
  try {
    return records(archive, label, path, await read());
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    throw new Error(
      `dataset-${archive.name}: ${error.path} ${error.problem}; run \`${place.command}\` for a fresh copy.`,
      {
        cause: error,
      },
    );
  }
}

const filesOf = ({ train, test }: RecordArchive): readonly RecordFile[] => [...train, ...test];

async function findSource(archive: RecordArchive, where: Where): Promise<Source> {
  const { name } = archive;
  const places = placesOf(archive, where);
  for (const place of places) {
    const path = await isArchive(place, archive);
    if (path !== undefined) return { place, path, read: () => filesIn(path, archive) };
    const unpacked = await findUnpacked(archive, place);
    if (unpacked !== undefined) return unpacked;
    for (const directory of place.directories)
      for (const [other, version] of Object.entries(archive.others))
        if (await exists(join(directory, other)))
          throw new Error(
            `dataset-${name} found ${other} in ${directory}, which is ${version}, and reads the binary version only; run \`${place.command}\`, or put ${archive.file} or its unpacked files there.`,
          );
    if (where.folder !== undefined)
      throw new Error(
        `dataset-${name} found no ${archive.file} in ${place.directories.join(" or ")}; put the original archive or its unpacked files there, or run \`${place.command}\`.`,
      );
  }
  throw nowhere(publicationOf(archive), places);
}

async function isArchive({ directories }: Place, { file }: RecordArchive): Promise<string | undefined> {
  for (const directory of directories) if (await exists(join(directory, file))) return join(directory, file);
  return undefined;
}

/** The unpacked files, in the archive's own folder or beside each other. @throws Error where only some are there */
async function findUnpacked(archive: RecordArchive, place: Place): Promise<Source | undefined> {
  for (const directory of place.directories)
    for (const folder of [join(directory, archive.folder), directory]) {
      const there = await Promise.all(filesOf(archive).map(({ name }) => exists(join(folder, name))));
      const missing = filesOf(archive).flatMap(({ name }, i) => (there[i] ? [] : [name]));
      if (missing.length === there.length) continue;
      if (missing.length > 0)
        throw new Error(
          `dataset-${archive.name} found no ${missing.join(", no ")} in ${folder}, where others of its files are; put all of them there, or run \`${place.command}\`.`,
        );
      return { place, path: folder, read: () => unpackedIn(folder, archive) };
    }
  return undefined;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function filesIn(path: string, archive: RecordArchive): Promise<ReadonlyMap<string, Uint8Array>> {
  const { folder, limit } = archive;
  const names = filesOf(archive).map(({ name }) => `${folder}/${name}`);
  const found = await readArchive(path, names, limit);
  const files = new Map<string, Uint8Array>();
  for (const { name, md5 } of filesOf(archive)) {
    const bytes = found.get(`${folder}/${name}`);
    if (bytes === undefined)
      throw new DamagedFileError(path, `holds no ${folder}/${name}, so that it is no ${archive.file}`);
    const sum = md5Of(bytes);
    if (sum !== md5) throw new DamagedFileError(path, alteredProblem(`MD5 of ${folder}/${name}`, md5, sum));
    files.set(name, bytes);
  }
  return files;
}

async function unpackedIn(folder: string, archive: RecordArchive): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { name, md5 } of filesOf(archive)) {
    const path = join(folder, name);
    const sum = await fileMd5(path); // before it is taken into memory, whatever its size
    if (sum !== md5) throw new DamagedFileError(path, alteredProblem("MD5", md5, sum));
    const bytes = await readFile(path);
    files.set(name, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)); // a view that is no Buffer
  }
  return files;
}

const md5Of = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

function records(archive: RecordArchive, label: string, path: string, files: ReadonlyMap<string, Uint8Array>): Records {
  const { name: owner, shape, labels } = archive;
  const size = shape[0] * shape[1] * shape[2];
  const place = labels.findIndex(({ name }) => name === label);
  const { classNames } = labels[place];
  const classes = classNames.length;
  const hash = createHash("sha256").update(`${label}\n`);
  const scratch = new Uint8Array(size);

  function part(parts: readonly RecordFile[]): ByteImages {
    const each = parts.flatMap(({ name }) => {
      const bytes = files.get(name) as Uint8Array;
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
  return { shape, classes, classNames, train, test, checksum: hash.digest("hex") };
}

/** From a plane for each channel to pixels: to[p · channels + c] ← from[c · pixels + p]. */
function interleave(from: Uint8Array, [rows, columns, channels]: RecordArchive["shape"], to: Uint8Array): void {
  const pixels = rows * columns;
  for (let c = 0; c < channels; c++)
    for (let p = 0, at = c; p < pixels; p++, at += channels) to[at] = from[c * pixels + p];
}
