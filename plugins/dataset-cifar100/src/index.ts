import type { Dataset, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { type Fetched, type FetchOptions, fetchRecords, loadRecords } from "@everlearn/downloads";
import { archive } from "./archive.js";

const options = {
  labels: {
    type: "string",
    enum: ["fine", "coarse"],
    default: "fine",
    description:
      "Which labels are the classes: the hundred fine ones, or the twenty coarse ones that group them by five.",
  },
} as const;

/**
 * CIFAR-100 (Krizhevsky 2009): 50,000 training and 10,000 test images of a hundred classes, 32 × 32 pixels of three
 * bytes, red, green and blue. Reads the authors' cifar-100-binary.tar.gz, or its unpacked files, from `folder` or its subfolder `cifar100`;
 * without `folder` from where EVERLEARN_DATA says, then from the user's cache. It downloads nothing; `fetchCifar100`
 * does. `input(i)` without `into` is a view of the data set's memory.
 * @throws Error if the archive is missing, damaged or altered; the message says what to do.
 */
export function cifar100(
  given: OptionsFor<typeof options> = {},
  { folder }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const { labels } = withDefaults(options, given);
  return loadRecords(archive, labels, { folder });
}

/**
 * Downloads the archive (169 MB) to `folder`/cifar100 or, without `folder`, to the user's cache, unless it is there. It
 * gets its name only once its MD5 has been verified.
 * @throws Error if the download failed or the folder cannot be written; the message says what to do.
 */
export function fetchCifar100(options: FetchOptions = {}): Promise<Fetched> {
  return fetchRecords(archive, options);
}

export type { Fetched, FetchOptions, DownloadProgress } from "@everlearn/downloads";

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "cifar100",
  contract: 2,
  description: "CIFAR-100: 60,000 colour images, 32 × 32 pixels, a hundred classes.",
  paper: "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
  options,
  create: cifar100,
};
export default plugin;
