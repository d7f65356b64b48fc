import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset, Examples } from "@everlearn/contracts";
import { byteImages, DamagedFileError, type IdxFile, readIdxFile } from "@everlearn/downloads";

/** The four files by what they hold: their paths. */
export type IdxFiles = Readonly<Record<keyof typeof roles, string>>;

/** What the name of each file says, in MNIST's manner. */
const roles = {
  trainImages: { part: /train/i, kind: /images?/i, called: "training images, such as train-images-idx3-ubyte" },
  trainLabels: { part: /train/i, kind: /labels?/i, called: "training labels, such as train-labels-idx1-ubyte" },
  testImages: { part: /test|t10k/i, kind: /images?/i, called: "test images, such as t10k-images-idx3-ubyte" },
  testLabels: { part: /test|t10k/i, kind: /labels?/i, called: "test labels, such as t10k-labels-idx1-ubyte" },
};

/** Finds the four files of a folder by their names. @throws Error where one is missing, or several may be meant */
export async function findIdxFiles(folder: string, prefix: string): Promise<IdxFiles> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `dataset-idx cannot read the folder ${folder} (${error.code}); "path" is absolute, or within the folder that --data or EVERLEARN_DATA names.`,
      { cause: error },
    );
  });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const usable = names.filter((name) => !name.startsWith(".") && name.startsWith(prefix)).toSorted();
  const found = Object.entries(roles).map(([role, { part, kind, called }]) => {
    const fitting = usable.filter(
      (name) => part.test(name.slice(prefix.length)) && kind.test(name.slice(prefix.length)),
    );
    const where = prefix === "" ? folder : `${folder} whose name begins with ${prefix}`;
    if (fitting.length === 0)
      throw new Error(`dataset-idx found no file of ${called}, in ${where}; put it there, or name another folder.`);
    if (fitting.length > 1)
      throw new Error(
        `dataset-idx found ${fitting.length} files of ${called}, in ${where}: ${fitting.slice(0, 4).join(", ")}; set "prefix" to how the names of one data set begin, or leave one of each there.`,
      );
    return [role, join(folder, fitting[0])];
  });
  return Object.fromEntries(found) as IdxFiles;
}

/** Reads the four files, each once in memory. @throws Error where one is damaged, or they do not go together */
export async function readParts(files: IdxFiles): Promise<Dataset> {
  const images = { train: await read(files.trainImages), test: await read(files.testImages) };
  const labels = { train: await read(files.trainLabels), test: await read(files.testLabels) };
  for (const part of ["train", "test"] as const) {
    const [imagePath, labelPath] = [files[`${part}Images`], files[`${part}Labels`]];
    const { shape } = images[part];
    if (shape.length < 2 || shape.slice(1).some((side) => side === 0))
      refuse(imagePath, `holds ${sizes(shape)} values, which are no images; they are numbers × rows × columns`);
    if (labels[part].shape.length !== 1)
      refuse(labelPath, `holds ${sizes(labels[part].shape)} values, which are no labels`);
    if (shape[0] === 0) refuse(imagePath, "holds no images");
    if (labels[part].shape[0] !== shape[0])
      refuse(labelPath, `holds ${labels[part].shape[0]} labels for the ${shape[0]} images of ${imagePath}`);
  }
  const [own, other] = [images.train.shape.slice(1), images.test.shape.slice(1)];
  if (sizes(own) !== sizes(other))
    refuse(files.testImages, `holds images of ${sizes(other)}, but those of ${files.trainImages} are ${sizes(own)}`);
  const known = [...new Set(labels.train.data)].toSorted((a, b) => a - b);
  if (known.length < 2) refuse(files.trainLabels, `knows one class only, ${known[0]}`);
  const stranger = labels.test.data.find((label) => !known.includes(label));
  if (stranger !== undefined)
    refuse(files.testLabels, `has the label ${stranger}, of which there is no training image`);

  const shape = own.length === 2 ? [...own, 1] : own;
  const classOf = new Uint8Array(256);
  known.forEach((label, c) => (classOf[label] = c));
  const hash = createHash("sha256");
  for (const { sha256 } of [images.train, labels.train, images.test, labels.test]) hash.update(`${sha256}\n`);
  return {
    shape,
    classes: known.length,
    classNames: known.map(String),
    train: examples(images.train, labels.train.data, classOf),
    test: examples(images.test, labels.test.data, classOf),
    checksum: hash.digest("hex"),
  };
}

async function read(path: string): Promise<IdxFile> {
  try {
    return await readIdxFile(path);
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    return refuse(path, error.problem);
  }
}

function refuse(path: string, problem: string): never {
  throw new Error(`dataset-idx: ${path} ${problem}; put the right file there.`);
}

const sizes = (shape: readonly number[]): string => shape.join(" × ");

function examples({ shape, data }: IdxFile, labels: Uint8Array, classOf: Uint8Array): Examples {
  const size = data.length / shape[0];
  return byteImages(
    "dataset-idx",
    labels.length,
    (i) => classOf[labels[i]],
    (i) => data.subarray(i * size, (i + 1) * size),
  );
}
