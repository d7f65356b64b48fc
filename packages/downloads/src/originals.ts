import { createHash } from "node:crypto";
import { idxBytes } from "@everlearn/formats";
import { contentSha256 } from "./content.js";
import { readIdxFile } from "./idx.js";
import { type ByteImages, byteImages } from "./images.js";
import { locate, type Where } from "./places.js";
import { alteredProblem, DamagedFileError, type Publication, type PublishedFile } from "./publication.js";

/** One of the four files as it was published, known by the SHA-256 (hex) of its uncompressed content. */
export interface Original {
  readonly name: string;
  /** The sizes in its IDX header: images [n, rows, columns], labels [n]. */
  readonly shape: readonly number[];
  readonly sha256: string;
}

/** A data set in MNIST's format: four IDX files. The sums are the same for every mirror, whatever its gzip settings. */
export interface Originals extends Pick<Publication, "name" | "title" | "mirrors"> {
  readonly trainImages: Original;
  readonly trainLabels: Original;
  readonly testImages: Original;
  readonly testLabels: Original;
  readonly classNames?: readonly string[];
  /** Files of the same names that are of another data set: their sums, and what to do with them. */
  readonly mistaken?: Readonly<Record<string, string>>;
}

/** What the four files hold. */
export interface OriginalImages {
  readonly shape: readonly number[];
  readonly classes: number;
  readonly classNames?: readonly string[];
  readonly train: ByteImages;
  readonly test: ByteImages;
  readonly checksum: string;
}

/** The four in the order in which they are read, fetched and summed. */
function inOrder({ trainImages, trainLabels, testImages, testLabels }: Originals): readonly Original[] {
  return [trainImages, trainLabels, testImages, testLabels];
}

/** How the four files are found, fetched and checked. */
export function publicationOfOriginals(originals: Originals): Publication {
  const { name, title, mirrors } = originals;
  return { name, title, mirrors, files: inOrder(originals).map((original) => published(original, originals)) };
}

function published({ name, shape, sha256 }: Original, originals: Originals): PublishedFile {
  const dotted = name.replace("-idx", ".idx");
  const bytes = idxBytes(shape);
  return {
    name,
    download: `${name}.gz`,
    spellings: [name, dotted, `${name}.gz`, `${dotted}.gz`],
    limit: bytes + 65_536, // gzip makes nothing much larger
    async check(path) {
      judge(path, sha256, await contentSha256(path, bytes), originals);
    },
  };
}

/** @throws DamagedFileError where the sum that was found is another one */
function judge(path: string, sha256: string, found: string, { mistaken = {} }: Originals): void {
  if (found === sha256) return;
  const other = Object.hasOwn(mistaken, found) ? mistaken[found] : undefined;
  throw new DamagedFileError(path, other ?? alteredProblem("SHA-256 of its content", sha256, found));
}

/**
 * Finds the four files, checks and reads them, one after another so that memory holds each once.
 * @throws Error if a file is missing, damaged or altered; the message says what to do.
 */
export async function loadOriginals(originals: Originals, where: Where): Promise<OriginalImages> {
  const files = await locate(publicationOfOriginals(originals), where);
  const read = ({ name, shape, sha256 }: Original): Promise<Uint8Array> =>
    files.read(name, async (path) => {
      const content = await readIdxFile(path, shape);
      judge(path, sha256, content.sha256, originals);
      return content.data;
    });
  const { trainImages, trainLabels, testImages, testLabels, classNames } = originals;
  const part = (images: Uint8Array, labels: Uint8Array): ByteImages => {
    const size = images.length / labels.length;
    return byteImages(
      `dataset-${originals.name}`,
      labels.length,
      (i) => labels[i],
      (i) => images.subarray(i * size, (i + 1) * size),
    );
  };
  return {
    shape: [...trainImages.shape.slice(1), 1],
    classes: 10,
    ...(classNames === undefined ? {} : { classNames }),
    train: part(await read(trainImages), await read(trainLabels)),
    test: part(await read(testImages), await read(testLabels)),
    checksum: checksumOfOriginals(originals),
  };
}

/** The SHA-256 of the four files' sums: hex, in order, a line each. */
export function checksumOfOriginals(originals: Originals): string {
  const lines = inOrder(originals).map(({ sha256 }) => `${sha256}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}
