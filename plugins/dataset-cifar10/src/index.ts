import type { Dataset, OptionsFor, Plugin } from "@everlearn/contracts";
import { type Fetched, type FetchOptions, fetchRecords, loadRecords } from "@everlearn/downloads";
import { archive } from "./archive.js";

const options = {} as const;

/**
 * CIFAR-10 (Krizhevsky 2009): 50,000 training and 10,000 test images of ten classes, 32 × 32 pixels of three bytes, red,
 * green and blue. Reads the authors' cifar-10-binary.tar.gz, or its unpacked files, from `folder` or its subfolder `cifar10`; without `folder`
 * from where EVERLEARN_DATA says, then from the user's cache. It downloads nothing; `fetchCifar10` does.
 * `input(i)` without `into` is a view of the data set's memory.
 * @throws Error if the archive is missing, damaged or altered; the message says what to do.
 */
export function cifar10(
  _options: OptionsFor<typeof options> = {},
  { folder }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  return loadRecords(archive, "class", { folder });
}

/**
 * Downloads the archive (170 MB) to `folder`/cifar10 or, without `folder`, to the user's cache, unless it is there. It
 * gets its name only once its MD5 has been verified.
 * @throws Error if the download failed or the folder cannot be written; the message says what to do.
 */
export function fetchCifar10(options: FetchOptions = {}): Promise<Fetched> {
  return fetchRecords(archive, options);
}

export type { Fetched, FetchOptions, DownloadProgress } from "@everlearn/downloads";

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "cifar10",
  contract: 2,
  description: "CIFAR-10: 60,000 colour images, 32 × 32 pixels, ten classes.",
  paper: "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
  options,
  create: cifar10,
};
export default plugin;
