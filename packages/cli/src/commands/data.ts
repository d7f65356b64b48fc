import { resolve } from "node:path";
import { fetchCifar10 } from "@everlearn/dataset-cifar10";
import { fetchCifar100 } from "@everlearn/dataset-cifar100";
import { fetchCore50 } from "@everlearn/dataset-core50";
import { fetchFashionMnist } from "@everlearn/dataset-fashion-mnist";
import { type Fetched, type FetchOptions, fetchMnist } from "@everlearn/dataset-mnist";
import { fetchOmniglot } from "@everlearn/dataset-omniglot";
import { fetchTinyImagenet } from "@everlearn/dataset-tiny-imagenet";
import { Failure } from "../failure.js";
import { interruptible } from "../interrupt.js";

/** The data sets that can be fetched: their names as their authors write them, and how they are fetched. */
const sources: Readonly<Record<string, readonly [title: string, fetch: (options: FetchOptions) => Promise<Fetched>]>> =
  {
    mnist: ["MNIST", fetchMnist],
    cifar10: ["CIFAR-10", fetchCifar10],
    cifar100: ["CIFAR-100", fetchCifar100],
    "fashion-mnist": ["Fashion-MNIST", fetchFashionMnist],
    "tiny-imagenet": ["Tiny ImageNet", fetchTinyImagenet],
    core50: ["CORe50", fetchCore50],
    omniglot: ["Omniglot", fetchOmniglot],
  };

/** `everlearn data fetch NAME`: downloads a data set and verifies it; files that are there and intact are kept. */
export async function fetchData(name: string, { data }: { data?: string }): Promise<void> {
  if (!Object.hasOwn(sources, name))
    throw new Failure(
      `There is no data set "${name}" to fetch; there are ${Object.keys(sources).join(", ")} ("glyphs" needs no download, "images" and "idx" read your own files).`,
    );
  const [title, fetch] = sources[name];
  const live = process.stderr.isTTY;
  const { directory, downloaded, kept } = await interruptible(async (signal) => {
    try {
      return await fetch({
        signal,
        ...(data === undefined ? {} : { folder: resolve(data) }),
        onProgress({ file, received, total }) {
          if (live)
            process.stderr.write(`\r\x1b[2K${file} ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""}`);
        },
      });
    } catch (error) {
      throw signal.aborted ? new Failure("Stopped; the same command downloads what is missing.", 130) : error;
    } finally {
      if (live) process.stderr.write("\r\x1b[2K");
    }
  });
  process.stdout.write(
    `${title} is in ${directory}: ${files(downloaded.length)} downloaded, ${kept.length} kept, all checked.\n`,
  );
}

function files(count: number): string {
  return `${count} ${count === 1 ? "file" : "files"}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
