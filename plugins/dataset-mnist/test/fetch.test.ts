import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { type FetchOptions, type Fetched, fetchOriginals, type Progress } from "../src/fetch.js";
import { load } from "../src/load.js";
import { contents, names, place, temporary, tiny } from "./tiny.js";

const files = names.map((name) => `${name}.gz`);

/** A mirror on this machine that ends with the test. */
async function mirror(listener: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push((request.url ?? "").slice("/mnist/".length));
    listener(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist/`, asked };
}

const compressed = (url = ""): Buffer => gzipSync(contents[url.slice("/mnist/".length, -".gz".length)]);
const good: RequestListener = ({ url }, response) => response.end(compressed(url));
const failing: RequestListener = (_, response) => response.writeHead(500).end("sorry");
const resetting: RequestListener = ({ url }, response) => {
  const bytes = compressed(url);
  response.writeHead(200, { "content-length": bytes.length });
  response.write(bytes.subarray(0, 10), () => response.socket?.destroy());
};
const wrong: RequestListener = (_, response) => response.end(gzipSync("<!doctype html>"));
const endless: RequestListener = (_, response) => {
  const more = (): unknown => response.destroyed || response.write(new Uint8Array(65_536), () => setImmediate(more));
  more();
};
const silent: RequestListener = (_, response) => void response.write(gzipSync("x").subarray(0, 5));

const fetchTiny = (folder: string, mirrors: readonly string[], options?: FetchOptions): Promise<Fetched> =>
  fetchOriginals(tiny, { folder, mirrors, ...options });

describe("fetchMnist", () => {
  it("stores the four files as they came, and tells its progress", async () => {
    const folder = await temporary();
    const { url } = await mirror(({ url }, response) => {
      const bytes = compressed(url);
      response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    });
    const progress: Progress[] = [];
    const fetched = await fetchTiny(folder, [url.slice(0, -1)], { onProgress: (step) => progress.push(step) });
    expect(fetched).toEqual({ directory: join(folder, "mnist"), downloaded: names, kept: [] });
    expect((await readdir(join(folder, "mnist"))).sort()).toEqual([...files].sort());
    expect(await readFile(join(folder, "mnist", files[0]))).toEqual(compressed(`/mnist/${files[0]}`));
    const total = compressed(`/mnist/${files[0]}`).length;
    expect(progress[0]).toEqual({ file: names[0], mirror: url.slice(0, -1), received: total, total });
    expect((await load(tiny, { folder })).train.length).toBe(3);
  });

  it.each([
    ["answers 500", failing],
    ["breaks off", resetting],
    ["sends something else", wrong],
    ["sends without end", endless],
    ["falls silent", silent],
  ])("goes to the next mirror where one %s", async (_, bad) => {
    const folder = await temporary();
    const [first, second] = [await mirror(bad), await mirror(good)];
    await fetchTiny(folder, [first.url, second.url], { timeout: bad === silent ? 200 : 10_000 });
    expect(first.asked).toEqual([files[0]]); // the one that served goes first from then on
    expect(second.asked).toEqual(files);
    expect((await readdir(join(folder, "mnist"))).sort()).toEqual([...files].sort());
    await load(tiny, { folder });
  });

  it("keeps what is there and right, and replaces what is wrong", async () => {
    const folder = await temporary();
    const directory = join(folder, "mnist");
    await place(directory, (name) => (name === names[1] ? name : `${name}.gz`));
    const before = await stat(join(directory, files[0]));
    await writeFile(join(directory, names[1]), "altered");
    await writeFile(join(directory, files[2]), compressed(`/mnist/${files[2]}`).subarray(0, -4));
    const { url, asked } = await mirror(good);
    const fetched = await fetchTiny(folder, [url]);
    expect(fetched.kept).toEqual([names[0], names[3]]);
    expect(asked).toEqual([files[1], files[2]]);
    expect((await stat(join(directory, files[0]))).mtimeMs).toBe(before.mtimeMs);
    await load(tiny, { folder });
    expect((await fetchTiny(folder, [])).downloaded).toEqual([]); // nothing left to ask for
  });

  it("keeps files that lie in the folder itself", async () => {
    const folder = await temporary();
    await place(folder);
    expect((await fetchTiny(folder, [])).kept).toEqual(names);
    expect(await readdir(folder)).not.toContain("mnist");
  });

  it("stores into the cache without a folder", async () => {
    const root = await temporary();
    const env = { XDG_CACHE_HOME: root, LOCALAPPDATA: root };
    const { url } = await mirror(good);
    const { directory } = await fetchOriginals(tiny, { env, mirrors: [url] });
    expect(directory).toBe(join(root, "everlearn", "mnist"));
    await load(tiny, { env });
  });

  it("takes what a server decompressed on the way", async () => {
    const folder = await temporary();
    const { url } = await mirror(({ url }, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(compressed(url)),
    );
    await fetchTiny(folder, [url]);
    await expect(load(tiny, { folder })).resolves.toBeDefined();
  });

  it("says why each mirror failed and where to put the files", async () => {
    const folder = await temporary();
    const bad = [await mirror(failing), await mirror(wrong), await mirror(resetting), await mirror(silent)];
    const gone = "http://127.0.0.1:1/";
    const message = await fetchTiny(folder, [...bad.map(({ url }) => url), "nowhere", gone], { timeout: 200 }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^dataset-mnist could not download train-images-idx3-ubyte\.gz from /);
    expect(message).toContain(`${bad[0].url} (HTTP 500 Internal Server Error) or `);
    expect(message).toContain(`${bad[1].url} (what it sent is altered: the SHA-256 of its content is `);
    expect(message).toMatch(new RegExp(`${bad[2].url} \\((?!fetch failed|terminated)[^)]+\\)`));
    expect(message).toContain(`${bad[3].url} (nothing came for 0.2 s)`);
    expect(message).toContain("nowhere (Invalid URL)");
    expect(message).toMatch(/127\.0\.0\.1:1\/ \((?!fetch failed)[^)]+\); try again later, or put /);
    expect(message.endsWith(`${files.join(", ")} into ${join(folder, "mnist")} by hand.`)).toBe(true);
    expect(await readdir(join(folder, "mnist"))).toEqual([]);
  });

  it("says that it cannot write, and asks no mirror", async () => {
    const folder = join(await temporary(), "file");
    await writeFile(folder, "");
    const { url, asked } = await mirror(good);
    await expect(fetchTiny(folder, [url])).rejects.toThrow(
      /^dataset-mnist cannot write to .*mnist \([A-Z]+\); .* choose another folder with --data\.$/,
    );
    expect(asked).toEqual([]);
  });

  const unstoppable = process.platform === "win32" || process.getuid?.() === 0;
  const why = unstoppable ? " (skipped: this user may write to any folder)" : "";
  if (unstoppable)
    console.warn("dataset-mnist: the test with a read-only folder is skipped; this user may write to it.");
  it.skipIf(unstoppable)(`says so of a read-only folder${why}`, async () => {
    const folder = await temporary();
    await mkdir(join(folder, "mnist"), { mode: 0o555 });
    await expect(fetchTiny(folder, [])).rejects.toThrow("none was given");
    await expect(fetchTiny(folder, ["http://127.0.0.1:1/"])).rejects.toThrow("mnist (EACCES); ");
  });

  it("stops when told to and leaves nothing half done", async () => {
    const folder = await temporary();
    const { url } = await mirror(silent);
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("stopped")), 100);
    await expect(fetchTiny(folder, [url, url], { signal: stop.signal })).rejects.toThrow("stopped");
    expect(await readdir(join(folder, "mnist"))).toEqual([]);
  });
});
