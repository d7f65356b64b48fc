import { resolve } from "node:path";
import { fetchCifar10 } from "@everlearn/dataset-cifar10";
import { fetchCifar100 } from "@everlearn/dataset-cifar100";
import { type Fetched, type FetchOptions, fetchMnist } from "@everlearn/dataset-mnist";
import { Failure } from "../failure.js";

/** What can be fetched: as its authors write it, and how. */
const sources: Readonly<Record<string, readonly [title: string, fetch: (options: FetchOptions) => Promise<Fetched>]>> =
  {
    mnist: ["MNIST", fetchMnist],
    cifar10: ["CIFAR-10", fetchCifar10],
    cifar100: ["CIFAR-100", fetchCifar100],
  };

/** `everlearn data fetch NAME`: downloads and checks a data set; right files that are there already are kept. */
export async function fetchData(name: string, { data }: { data?: string }): Promise<void> {
  if (!Object.hasOwn(sources, name))
    throw new Failure(
      `There is no data set "${name}" to fetch; there are ${Object.keys(sources).join(", ")} ("glyphs" needs no download, "images" reads your own files).`,
    );
  const [title, fetch] = sources[name];
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  const live = process.stderr.isTTY;
  try {
    const { directory, downloaded, kept } = await fetch({
      signal: stop.signal,
      ...(data === undefined ? {} : { folder: resolve(data) }),
      onProgress({ file, received, total }) {
        if (live)
          process.stderr.write(`\r\x1b[2K${file} ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""}`);
      },
    });
    if (live) process.stderr.write("\r\x1b[2K");
    process.stdout.write(
      `${title} is in ${directory}: ${files(downloaded.length)} downloaded, ${kept.length} kept, all checked.\n`,
    );
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function files(count: number): string {
  return `${count} ${count === 1 ? "file" : "files"}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
