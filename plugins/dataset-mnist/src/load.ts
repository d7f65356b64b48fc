import { createHash } from "node:crypto";
import type { Dataset, Examples, Input } from "@everlearn/contracts";
import { alteredProblem, DamagedFileError, readIdx } from "./idx.js";
import { inOrder, type Original, type Originals } from "./originals.js";
import { cachePlace, type Environment, fetchCommand, find, folderPlace, type Place } from "./places.js";

/** Where to look: `folder` and nowhere else, or without one EVERLEARN_DATA and then the user's cache. */
export interface Where {
  readonly folder?: string | undefined;
  readonly env?: Environment;
}

/**
 * Finds the four files, checks and reads them, one after another so that memory holds each once.
 * @throws Error where a file is missing, damaged or altered; the message says what to do.
 */
export async function load(originals: Originals, { folder, env = process.env }: Where): Promise<Dataset> {
  const { place, paths } = await locate(originals, folder, env);
  const read = async (original: Original): Promise<Uint8Array> => {
    const path = paths.get(original) as string;
    try {
      const { data, sha256 } = await readIdx(path, original.shape);
      if (sha256 !== original.sha256) throw new DamagedFileError(path, alteredProblem(original.sha256, sha256));
      return data;
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      throw new Error(`dataset-mnist: ${path} ${error.problem}; run \`${place.command}\` for a fresh copy.`, {
        cause: error,
      });
    }
  };
  const { trainImages, trainLabels, testImages, testLabels } = originals;
  return {
    shape: [...trainImages.shape.slice(1), 1],
    classes: 10,
    train: examples(await read(trainImages), await read(trainLabels)),
    test: examples(await read(testImages), await read(testLabels)),
    checksum: checksumOf(originals),
  };
}

/** The SHA-256 of the four files' sums: hex, in order, a line each. */
export function checksumOf(originals: Originals): string {
  const lines = inOrder(originals).map(({ sha256 }) => `${sha256}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

type Located = { readonly place: Place; readonly paths: ReadonlyMap<Original, string> };

async function locate(originals: Originals, folder: string | undefined, env: Environment): Promise<Located> {
  const places =
    folder === undefined
      ? [...(env.EVERLEARN_DATA ? [folderPlace(env.EVERLEARN_DATA)] : []), cachePlace(env)]
      : [folderPlace(folder)];
  for (const place of places) {
    const paths = new Map<Original, string>();
    const missing: string[] = [];
    for (const original of inOrder(originals)) {
      const path = await find(place, original.name);
      if (path === undefined) missing.push(original.name);
      else paths.set(original, path);
    }
    if (missing.length === 0) return { place, paths };
    // An empty place is passed over unless the user asked for it; a place with some of the files is a mistake to tell.
    if (folder !== undefined || paths.size > 0)
      throw new Error(
        `dataset-mnist found no ${missing.join(", no ")} (plain or .gz) in ${place.directories.join(" or ")}; put the original files there, or run \`${place.command}\`.`,
      );
  }
  const looked = places.flatMap(({ directories }) => directories).join(", ");
  throw new Error(
    `dataset-mnist found no MNIST files (it looked in ${looked}); run \`${fetchCommand}\`, or point --data or EVERLEARN_DATA at a folder that holds the four files, or use dataset "glyphs", which needs no download.`,
  );
}

function examples(images: Uint8Array, labels: Uint8Array): Examples {
  const { length } = labels;
  const size = images.length / length;
  return {
    length,
    label(i) {
      checkIndex(i, length);
      return labels[i];
    },
    input(i, into) {
      checkIndex(i, length);
      const image = images.subarray(i * size, (i + 1) * size);
      return into === undefined ? image : write(image, into);
    },
  };
}

function checkIndex(i: number, length: number): void {
  if (!Number.isInteger(i) || i < 0 || i >= length)
    throw new RangeError(`dataset-mnist has no example ${i}; examples are numbered from 0 to ${length - 1}.`);
}

function write(image: Uint8Array, into: Input): Input {
  if (into instanceof Uint8Array) into.set(image);
  else for (let j = 0; j < image.length; j++) into[j] = image[j] / 255;
  return into;
}
