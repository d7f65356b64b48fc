import { resolve } from "node:path";
import { type Dataset, type OptionsFor, type Plugin, withDefaults } from "@everlearn/contracts";
import { findIdxFiles, readParts } from "./files.js";

const options = {
  path: {
    type: "string",
    description: "The folder that holds the files: absolute, or within the folder of data sets.",
  },
  prefix: {
    type: "string",
    default: "",
    description: "What the names of the files begin with, where the folder holds those of several data sets.",
  },
} as const;

/**
 * Images of the user's own in four IDX files of unsigned bytes, plain or `.gz`: images and labels for training and for
 * test. A relative `path` is within `folder`; without one, within the folder that EVERLEARN_DATA names, else the working
 * folder. Classes are the labels that training has, in ascending order. `input(i)` without `into` is a view of the data
 * set's memory.
 * @throws Error where a file is missing or damaged, or the four do not go together; the message names the file.
 */
export async function idx(
  given: OptionsFor<typeof options>,
  { folder = process.env.EVERLEARN_DATA }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const { path, prefix } = withDefaults(options, given);
  return readParts(await findIdxFiles(resolve(folder || ".", path), prefix));
}

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "idx",
  contract: 2,
  description: "Images of your own in IDX files, the format of MNIST: unsigned bytes, plain or compressed.",
  options,
  create: idx,
};
export default plugin;
