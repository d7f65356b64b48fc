import type { Dataset, OptionsFor, Plugin } from "@everlearn/contracts";
import {
  type Fetched,
  fetchFiles,
  type FetchOptions,
  loadOriginals,
  publicationOfOriginals,
} from "@everlearn/downloads";
import { originals } from "./originals.js";

const options = {} as const;

/**
 * MNIST (LeCun, Cortes & Burges 1998): 60,000 training and 10,000 test images of handwritten digits, 28 × 28 bytes.
 * Reads the four original IDX files, plain or `.gz`, from `folder` or its subfolder `mnist`; without `folder` from
 * where EVERLEARN_DATA says, then from the user's cache. It downloads nothing; `fetchMnist` does.
 * `input(i)` without `into` is a view of the data set's memory.
 * @throws Error if a file is missing, damaged or altered; the message says what to do.
 */
export function mnist(
  _options: OptionsFor<typeof options> = {},
  { folder }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  return loadOriginals(originals, { folder });
}

/**
 * Downloads the four files to `folder`/mnist or, without `folder`, to the user's cache; intact files that are already
 * there are kept. A file gets its name only once the SHA-256 of its content has been verified.
 * @throws Error if every mirror failed or the folder cannot be written; the message says what to do.
 */
export function fetchMnist(options: FetchOptions = {}): Promise<Fetched> {
  return fetchFiles(publicationOfOriginals(originals), options);
}

export type { Fetched, FetchOptions, DownloadProgress } from "@everlearn/downloads";

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "mnist",
  contract: 2,
  description: "MNIST: 70,000 images of handwritten digits, 28 × 28 bytes, ten classes.",
  paper: "LeCun, Bottou, Bengio & Haffner 1998, Gradient-Based Learning Applied to Document Recognition",
  options,
  create: mnist,
};
export default plugin;
