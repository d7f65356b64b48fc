import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { alteredProblem, contentSha256, DamagedFileError, type Publication } from "../src/index.js";

/** What the four files of a small publication hold. */
export const contents: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  ["one", "two", "three", "four"].map((name, i) => [name, Uint8Array.from({ length: 50 + i }, (_, j) => i * j)]),
);
export const names = Object.keys(contents);

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const tiny: Publication = {
  name: "tiny",
  title: "Tiny",
  mirrors: ["http://127.0.0.1:1/"],
  files: names.map((name) => ({
    name,
    download: `${name}.gz`,
    spellings: [name, `${name}.gz`],
    limit: 70_000,
    async check(path) {
      const [expected, found] = [sha256(contents[name]), await contentSha256(path, contents[name].length)];
      if (found !== expected)
        throw new DamagedFileError(path, alteredProblem("SHA-256 of its content", expected, found));
    },
  })),
};

/** A new directory that goes when the test ends. */
export async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "everlearn-downloads-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes the four files: compressed, unless `rename` says otherwise. */
export async function place(directory: string, rename = (name: string): string => `${name}.gz`): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of names) {
    const file = rename(name);
    await writeFile(join(directory, file), file.endsWith(".gz") ? gzipSync(contents[name]) : contents[name]);
  }
}

/** What a mirror sends for `/tiny/one.gz` and the like. */
export const compressed = (url = ""): Buffer => gzipSync(contents[url.slice("/tiny/".length, -".gz".length)]);

/** A mirror on this machine that ends with the test, and the names that it was asked for. */
export async function mirror(listener: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push((request.url ?? "").slice("/tiny/".length));
    listener(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny/`, asked };
}
