import { type Dataset, type OptionsFor, type Plugin, withDefaults } from "@everlearn/contracts";
import { type Fetched, fetchFiles, type FetchOptions, loadPictures, publicationOfPictures } from "@everlearn/downloads";
import { archive, arrange } from "./archive.js";

const options = {
  labels: {
    type: "string",
    enum: ["object", "category"],
    default: "object",
    description: "Which labels are the classes: the fifty objects, or the ten categories of five objects each.",
  },
  size: {
    type: "integer",
    minimum: 1,
    maximum: 128,
    default: 32,
    description: "The rows and columns that the pictures are scaled to.",
  },
} as const;

/**
 * CORe50 (Lomonaco & Maltoni 2017): 164,866 pictures of fifty objects that a hand turns, in eleven sessions of different
 * backgrounds and light, 128 × 128 pixels of three bytes. Sessions 3, 7 and 10 are the test, as its authors have it.
 * Reads core50_128x128.zip, or the folder that it unpacks to, from `folder` or its subfolder `core50`; without `folder` from
 * where EVERLEARN_DATA says, then from the user's cache. It downloads nothing; `fetchCore50` does. `input(i)` without `into`
 * is a view of the data set's memory.
 * @throws Error if it is missing or damaged; the message says what to do.
 */
export function core50(
  given: OptionsFor<typeof options> = {},
  { folder }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const { labels, size } = withDefaults(options, given);
  return loadPictures(archive, (lists) => arrange(lists, labels), { color: "rgb", size }, { folder });
}

/**
 * Downloads the archive (4.4 GB) to `folder`/core50 or, without `folder`, to the user's cache, unless it is there. It gets its
 * name only once its MD5 has been verified.
 * @throws Error if the download failed or the folder cannot be written; the message says what to do.
 */
export function fetchCore50(options: FetchOptions = {}): Promise<Fetched> {
  return fetchFiles(publicationOfPictures([archive]), options);
}

export type { Fetched, FetchOptions, DownloadProgress } from "@everlearn/downloads";

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "core50",
  contract: 2,
  description: "CORe50: 164,866 pictures of fifty objects in eleven sessions.",
  paper: "arXiv:1705.03550",
  options,
  create: core50,
};
export default plugin;
