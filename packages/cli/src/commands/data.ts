import { resolve } from "node:path";
import { fetchMnist } from "@everlearn/dataset-mnist";
import { Failure } from "../failure.js";

/** `everlearn data fetch NAME`: downloads and checks a data set; right files that are there already are kept. */
export async function fetchData(name: string, { data }: { data?: string }): Promise<void> {
  if (name !== "mnist")
    throw new Failure(`There is no data set "${name}" to fetch; there is mnist ("glyphs" needs no download).`);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  const live = process.stderr.isTTY;
  try {
    const { directory, downloaded, kept } = await fetchMnist({
      signal: stop.signal,
      ...(data === undefined ? {} : { folder: resolve(data) }),
      onProgress({ file, received, total }) {
        if (live)
          process.stderr.write(`\r\x1b[2K${file} ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""}`);
      },
    });
    if (live) process.stderr.write("\r\x1b[2K");
    process.stdout.write(
      `MNIST is in ${directory}: ${downloaded.length} files downloaded, ${kept.length} kept, all checked.\n`,
    );
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
