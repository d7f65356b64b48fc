import { createHash } from "node:crypto";
import type { Dataset, Examples } from "@everlearn/contracts";
import { alteredProblem, byteImages, DamagedFileError, locate, type Where } from "@everlearn/downloads";
import { readIdxFile } from "./idx.js";
import { inOrder, type Original, type Originals, publicationOf } from "./originals.js";

/**
 * Finds the four files, checks and reads them, one after another so that memory holds each once.
 * @throws Error if a file is missing, damaged or altered; the message says what to do.
 */
export async function load(originals: Originals, where: Where): Promise<Dataset> {
  const files = await locate(publicationOf(originals), where);
  const read = ({ name, shape, sha256 }: Original): Promise<Uint8Array> =>
    files.read(name, async (path) => {
      const content = await readIdxFile(path, shape);
      if (content.sha256 !== sha256)
        throw new DamagedFileError(path, alteredProblem("SHA-256 of its content", sha256, content.sha256));
      return content.data;
    });
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

function examples(images: Uint8Array, labels: Uint8Array): Examples {
  const { length } = labels;
  const size = images.length / length;
  return byteImages(
    "dataset-mnist",
    length,
    (i) => labels[i],
    (i) => images.subarray(i * size, (i + 1) * size),
  );
}
