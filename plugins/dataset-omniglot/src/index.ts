import { type Dataset, type OptionsFor, type Plugin, withDefaults } from "@everlearn/contracts";
import { type Fetched, fetchFiles, type FetchOptions, loadPictures, publicationOfPictures } from "@everlearn/downloads";
import { archives, arrange } from "./archives.js";

const options = {
  set: {
    type: "string",
    enum: ["background", "evaluation", "background-small1", "background-small2"],
    default: "background",
    description: "Which of the published archives: 964 characters, 659 others, or 136 or 156 of the first.",
  },
  labels: {
    type: "string",
    enum: ["character", "alphabet"],
    default: "character",
    description: "Which labels are the classes: characters, or the alphabets that they belong to.",
  },
  size: {
    type: "integer",
    minimum: 1,
    maximum: 105,
    default: 28,
    description: "The rows and columns that the drawings are scaled to; 105: as they are.",
  },
  testDrawings: {
    type: "integer",
    minimum: 1,
    maximum: 19,
    default: 5,
    description: "How many of each character's twenty drawings, the last ones, are for test.",
  },
} as const;

/**
 * Omniglot (Lake, Salakhutdinov & Tenenbaum 2015): handwritten characters of many alphabets, each drawn by twenty people,
 * 105 × 105 pixels of one byte, dark on light. Reads the archive of the set, or the folder that it unpacks to, from `folder`
 * or its subfolder `omniglot`; without `folder` from where EVERLEARN_DATA says, then from the user's cache. It downloads
 * nothing; `fetchOmniglot` does. `input(i)` without `into` is a view of the data set's memory.
 * @throws Error if it is missing or damaged; the message says what to do.
 */
export function omniglot(
  given: OptionsFor<typeof options> = {},
  { folder }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const { set, labels, size, testDrawings } = withDefaults(options, given);
  return loadPictures(
    archives[set],
    (lists) => arrange(lists, labels, testDrawings),
    { color: "grey", size },
    { folder },
  );
}

/**
 * Downloads the two archives of all characters (15 MB) to `folder`/omniglot or, without `folder`, to the user's cache; those
 * that are there are kept. An archive gets its name only once its MD5 has been verified.
 * @throws Error if the download failed or the folder cannot be written; the message says what to do.
 */
export function fetchOmniglot(options: FetchOptions = {}): Promise<Fetched> {
  return fetchFiles(publicationOfPictures([archives.background, archives.evaluation]), options);
}

export type { Fetched, FetchOptions, DownloadProgress } from "@everlearn/downloads";

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "omniglot",
  contract: 2,
  description: "Omniglot: 1623 handwritten characters of fifty alphabets, each drawn by twenty people.",
  paper: "10.1126/science.aab3050",
  options,
  create: omniglot,
};
export default plugin;
