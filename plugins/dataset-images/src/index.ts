import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Dataset, type OptionsFor, type Plugin, withDefaults } from "@everlearn/contracts";
import { FormatError } from "@everlearn/formats";
import { readArrays } from "./arrays.js";
import { datasetOf } from "./content.js";
import { readFolder } from "./folder.js";

const options = {
  path: {
    type: "string",
    description: "The folder of class folders, or the .npz file: absolute, or within the folder of data sets.",
  },
  size: {
    type: "integer",
    minimum: 0,
    maximum: 4096,
    default: 0,
    description: "The rows and columns that all images are scaled to; 0: as they are, all of one size.",
  },
  color: {
    type: "string",
    enum: ["keep", "grey", "rgb"],
    default: "keep",
    description: "What all images are converted to: grey, colour, or as they are, all of one kind.",
  },
  testEvery: {
    type: "integer",
    minimum: 2,
    default: 5,
    description: "If training and test are not separate, every testEvery-th example of each class is a test example.",
  },
} as const;

/** No .npz file may be larger, in bytes. */
const most = 2 ** 31 - 1;

/**
 * Images of the user's own: a folder of class folders of PNG and JPEG files, or an `.npz` file. A relative `path` is
 * within `folder`; without one, within the folder that EVERLEARN_DATA names, else the working folder. All is read into
 * memory at once; `input(i)` without `into` is a view of it.
 * @throws Error where there is nothing, a file is damaged, or images do not go together; the message names the file.
 */
export async function images(
  given: OptionsFor<typeof options>,
  { folder = process.env.EVERLEARN_DATA }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const { path, size, color, testEvery } = withDefaults(options, given);
  const place = resolve(folder || ".", path);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined)
    throw new Error(
      `dataset-images found nothing at ${place}; "path" is absolute, or within the folder that --data or EVERLEARN_DATA names.`,
    );
  if (found.isDirectory()) return datasetOf(await readFolder(place, { size, color }, testEvery));
  if (!/\.npz$/i.test(place))
    throw new Error(
      `dataset-images: ${place} is neither a folder of class folders nor an .npz file; name one of these.`,
    );
  try {
    if (found.size > most) throw new FormatError(`is too large: ${found.size} bytes, more than ${most}`);
    return datasetOf(readArrays(await readFile(place), { size, color }, testEvery));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Error(`dataset-images: ${place} ${error.message}.`, { cause: error });
  }
}

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "images",
  contract: 2,
  description: "Images of your own: a folder of class folders of PNG and JPEG files, or an .npz file.",
  options,
  create: images,
};
export default plugin;
