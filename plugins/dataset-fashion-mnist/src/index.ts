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
 * Fashion-MNIST (Xiao, Rasul & Vollgraf 2017): 60,000 training and 10,000 test images of ten kinds of clothes, 28 × 28
 * bytes. Reads the four original IDX files, plain or `.gz`, from `folder` or its subfolder `fashion-mnist`; without `folder`
 * from where EVERLEARN_DATA says, then from the user's cache. It downloads nothing; `fetchFashionMnist` does.
 * `input(i)` without `into` is a view of the data set's memory.
 * @throws Error if a file is missing, damaged or altered; the message says what to do.
 */
export function fashionMnist(
  _options: OptionsFor<typeof options> = {},
  { folder }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  return loadOriginals(originals, { folder });
}

/**
 * Downloads the four files to `folder`/fashion-mnist or, without `folder`, to the user's cache; intact files that are
 * already there are kept. A file gets its name only once the SHA-256 of its content has been verified.
 * @throws Error if every mirror failed or the folder cannot be written; the message says what to do.
 */
export function fetchFashionMnist(options: FetchOptions = {}): Promise<Fetched> {
  return fetchFiles(publicationOfOriginals(originals), options);
}

export type { Fetched, FetchOptions, DownloadProgress } from "@everlearn/downloads";

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "fashion-mnist",
  contract: 2,
  description: "Fashion-MNIST: 70,000 images of clothes, 28 × 28 bytes, ten classes.",
  paper: "arXiv:1708.07747",
  options,
  create: fashionMnist,
};
export default plugin;
