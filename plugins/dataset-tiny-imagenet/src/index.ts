import { type Dataset, type OptionsFor, type Plugin, withDefaults } from "@everlearn/contracts";
import { type Fetched, fetchFiles, type FetchOptions, loadPictures, publicationOfPictures } from "@everlearn/downloads";
import { archive, arrange } from "./archive.js";

const options = {
  size: {
    type: "integer",
    minimum: 1,
    maximum: 64,
    default: 64,
    description: "The rows and columns that the pictures are scaled to.",
  },
} as const;

/**
 * Tiny ImageNet (Le & Yang 2015): 100,000 training images of two hundred classes of ImageNet, 64 × 64 pixels of three bytes;
 * its 10,000 validation images, whose labels are public, are the test. Reads tiny-imagenet-200.zip, or the folder that it
 * unpacks to, from `folder` or its subfolder `tiny-imagenet`; without `folder` from where EVERLEARN_DATA says, then from the
 * user's cache. It downloads nothing; `fetchTinyImagenet` does. `input(i)` without `into` is a view of the data set's memory.
 * @throws Error if it is missing or damaged; the message says what to do.
 */
export function tinyImagenet(
  given: OptionsFor<typeof options> = {},
  { folder }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const { size } = withDefaults(options, given);
  return loadPictures(archive, arrange, { color: "rgb", size }, { folder });
}

/**
 * Downloads the archive (248 MB) to `folder`/tiny-imagenet or, without `folder`, to the user's cache, unless it is there. It
 * gets its name only once its MD5 has been verified.
 * @throws Error if the download failed or the folder cannot be written; the message says what to do.
 */
export function fetchTinyImagenet(options: FetchOptions = {}): Promise<Fetched> {
  return fetchFiles(publicationOfPictures([archive]), options);
}

export type { Fetched, FetchOptions, DownloadProgress } from "@everlearn/downloads";

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "tiny-imagenet",
  contract: 2,
  description: "Tiny ImageNet: 110,000 colour images, 64 × 64 pixels, two hundred classes.",
  paper: "Le & Yang 2015, Tiny ImageNet Visual Recognition Challenge",
  options,
  create: tinyImagenet,
};
export default plugin;
