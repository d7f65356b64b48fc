import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import type { RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fetchFiles, type FetchOptions, type Fetched, locate, type DownloadProgress } from "../src/index.js";
import { compressed, contents, mirror, names, place, temporary, tiny } from "./tiny.js";

const files = names.map((name) => `${name}.gz`);

const good: RequestListener = ({ url }, response) => response.end(compressed(url));
const failing: RequestListener = (_, response) => response.writeHead(500).end("sorry");
const resetting: RequestListener = ({ url }, response) => {
  const bytes = compressed(url);
  response.writeHead(200, { "content-length": bytes.length });
  breakOff(response, bytes.subarray(0, 10));
};
const wrong: RequestListener = (_, response) => response.end(gzipSync("<!doctype html>"));
const endless: RequestListener = (_, response) => {
  const more = (): unknown => response.destroyed || response.write(new Uint8Array(65_536), () => setImmediate(more));
  more();
};
/** What happens when the next piece has come in. */
let arrived: (() => unknown) | undefined;

/** Sends this and ends the connection, once it has come in: what comes with the end is lost. */
function breakOff(response: ServerResponse, bytes: Uint8Array): void {
  arrived = () => response.socket?.destroy();
  response.write(bytes);
}

const fetchTiny = (folder: string, mirrors: readonly string[], options: FetchOptions = {}): Promise<Fetched> =>
  fetchFiles(tiny, {
    folder,
    mirrors,
    pause: 1,
    ...options,
    onProgress(step) {
      options.onProgress?.(step);
      const next = arrived;
      arrived = undefined;
      next?.();
    },
  });

/** The clock of timeouts stands still, but jumps when a silent mirror's few bytes have come in. */
const timeout = 200;
const silent: RequestListener = (_, response) => {
  arrived = () => vi.advanceTimersByTime(timeout);
  response.write(gzipSync("x").subarray(0, 5));
};

/** All files are there, right, and nothing else is. */
async function complete(folder: string): Promise<void> {
  expect((await readdir(join(folder, "tiny"))).toSorted()).toEqual(files.toSorted());
  const located = await locate(tiny, { folder });
  for (const { name, check } of tiny.files) await located.read(name, check);
}

beforeEach(() => {
  arrived = undefined;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  return () => vi.useRealTimers();
});

describe("fetchFiles", () => {
  it("stores the files as they came, and tells its progress", async () => {
    const folder = await temporary();
    const { url } = await mirror(({ url }, response) => {
      const bytes = compressed(url);
      response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    });
    const progress: DownloadProgress[] = [];
    const fetched = await fetchTiny(folder, [url.slice(0, -1)], { onProgress: (step) => progress.push(step) });
    expect(fetched).toEqual({ directory: join(folder, "tiny"), downloaded: names, kept: [] });
    expect(await readFile(join(folder, "tiny", files[0]))).toEqual(compressed(`/tiny/${files[0]}`));
    const total = compressed(`/tiny/${files[0]}`).length;
    expect(progress[0]).toEqual({ file: names[0], mirror: url.slice(0, -1), received: total, total });
    await complete(folder);
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
    await fetchTiny(folder, [first.url, second.url], { timeout });
    expect([...new Set(first.asked)]).toEqual([files[0]]); // the one that served goes first from then on
    expect(second.asked).toEqual(files);
    await complete(folder);
  });

  it.each([
    ["an ETag", { etag: '"v1"' }],
    ["a date", { "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT" }],
  ])("goes on where a transfer broke off, known by %s", async (_, version) => {
    const folder = await temporary();
    const ranges: (string | undefined)[] = [];
    const { url, asked } = await mirror(({ url, headers }, response) => {
      const bytes = compressed(url);
      ranges.push(headers.range);
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
      if (from > 0) expect(headers["if-range"]).toBe(Object.values(version)[0]);
      const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(from > 0 ? 206 : 200, {
        "content-length": bytes.length - from,
        ...version,
        ...(from > 0 ? range : {}),
      });
      // Ten bytes at a time.
      if (from + 10 < bytes.length) breakOff(response, bytes.subarray(from, from + 10));
      else response.end(bytes.subarray(from));
    });
    const progress: number[] = [];
    await fetchTiny(folder, [url], { onProgress: ({ received, file }) => file === "one" && progress.push(received) });
    const { length } = compressed(`/tiny/${files[0]}`);
    expect(asked.filter((name) => name === files[0])).toHaveLength(Math.ceil(length / 10));
    expect(ranges.slice(0, 3)).toEqual([undefined, "bytes=10-", "bytes=20-"]);
    expect(progress).toEqual(Array.from({ length: Math.ceil(length / 10) }, (_, i) => Math.min(length, 10 * (i + 1))));
    await complete(folder);
  });

  it("gives a mirror up that brings nothing more three times in a row", async () => {
    const folder = await temporary();
    const { url, asked } = await mirror(({ headers }, response) => {
      if (headers.range) response.socket?.destroy();
      else {
        response.writeHead(200, { "content-length": 100, etag: '"v"' });
        breakOff(response, new Uint8Array(10));
      }
    });
    await expect(fetchTiny(folder, [url])).rejects.toThrow(`dataset-tiny could not download one.gz from ${url} (`);
    expect(asked).toHaveLength(1 + 3);
  });

  it("begins again where the file has changed since, and takes no other part than the one it asked for", async () => {
    const folder = await temporary();
    let times = 0;
    const changing = await mirror(({ url }, response) => {
      const bytes = compressed(url);
      response.writeHead(200, { "content-length": bytes.length, etag: `"${times}"` });
      if (times++ === 0) breakOff(response, new Uint8Array(10).fill(9));
      else response.end(bytes);
    });
    await fetchTiny(folder, [changing.url]);
    await complete(folder);
    const other = await temporary();
    const confused = await mirror(({ url, headers }, response) => {
      const bytes = compressed(url);
      if (headers.range) response.writeHead(206, { "content-range": `bytes 0-${bytes.length - 1}/*` }).end(bytes);
      else {
        response.writeHead(200, { "content-length": bytes.length, etag: '"v"' });
        breakOff(response, bytes.subarray(0, 9));
      }
    });
    await expect(fetchTiny(other, [confused.url])).rejects.toThrow("(it sent another part than the one asked for)");
  });

  it("keeps what is there and right, and replaces what is wrong", async () => {
    const folder = await temporary();
    const directory = join(folder, "tiny");
    await place(directory, (name) => (name === names[1] ? name : `${name}.gz`));
    const before = await stat(join(directory, files[0]));
    await writeFile(join(directory, names[1]), "altered");
    await writeFile(join(directory, files[2]), compressed(`/tiny/${files[2]}`).subarray(0, -4));
    const { url, asked } = await mirror(good);
    const fetched = await fetchTiny(folder, [url]);
    expect(fetched.kept).toEqual([names[0], names[3]]);
    expect(asked).toEqual([files[1], files[2]]);
    expect((await stat(join(directory, files[0]))).mtimeMs).toBe(before.mtimeMs);
    await complete(folder);
    expect((await fetchTiny(folder, [])).downloaded).toEqual([]); // nothing left to ask for
  });

  it("keeps files that lie in the folder itself", async () => {
    const folder = await temporary();
    await place(folder);
    expect((await fetchTiny(folder, [])).kept).toEqual(names);
    expect(await readdir(folder)).not.toContain("tiny");
  });

  it("stores into the cache without a folder", async () => {
    const root = await temporary();
    const env = { XDG_CACHE_HOME: root, LOCALAPPDATA: root };
    const { url } = await mirror(good);
    const { directory } = await fetchFiles(tiny, { env, mirrors: [url] });
    expect(directory).toBe(join(root, "everlearn", "tiny"));
    await complete(join(root, "everlearn"));
  });

  it("takes what a server decompressed on the way", async () => {
    const folder = await temporary();
    const { url } = await mirror(({ url }, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(compressed(url)),
    );
    await fetchTiny(folder, [url]);
    await complete(folder);
    expect(await readFile(join(folder, "tiny", files[0]))).toEqual(Buffer.from(contents[names[0]]));
  });

  it("says why each mirror failed and where to put the files", async () => {
    const folder = await temporary();
    const bad = [await mirror(failing), await mirror(wrong), await mirror(resetting), await mirror(silent)];
    const gone = "http://127.0.0.1:1/";
    const message = await fetchTiny(folder, [...bad.map(({ url }) => url), "nowhere", gone], { timeout }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^dataset-tiny could not download one\.gz from /);
    expect(message).toContain(`${bad[0].url} (HTTP 500 Internal Server Error) or `);
    expect(message).toContain(`${bad[1].url} (what it sent is altered: the SHA-256 of its content is `);
    expect(message).toMatch(new RegExp(`${bad[2].url} \\((?!fetch failed|terminated)[^)]+\\)`));
    expect(message).toContain(`${bad[3].url} (nothing came for 0.2 s)`);
    expect(message).toContain("nowhere (Invalid URL)");
    expect(message).toMatch(/127\.0\.0\.1:1\/ \((?!fetch failed)[^)]+\); try again later, or put /);
    expect(message.endsWith(`${files.join(", ")} into ${join(folder, "tiny")} by hand.`)).toBe(true);
    expect(await readdir(join(folder, "tiny"))).toEqual([]);
  });

  it("says that it cannot write, and asks no mirror", async () => {
    const folder = join(await temporary(), "file");
    await writeFile(folder, "");
    const { url, asked } = await mirror(good);
    await expect(fetchTiny(folder, [url])).rejects.toThrow(
      /^dataset-tiny cannot write to .*tiny \([A-Z]+\); .* choose another folder with --data\.$/,
    );
    expect(asked).toEqual([]);
  });

  const unstoppable = process.platform === "win32" || process.getuid?.() === 0;
  const why = unstoppable ? " (skipped: this user may write to any folder)" : "";
  if (unstoppable) console.warn("downloads: the test with a read-only folder is skipped; this user may write to it.");
  it.skipIf(unstoppable)(`says so of a read-only folder${why}`, async () => {
    const folder = await temporary();
    await mkdir(join(folder, "tiny"), { mode: 0o555 });
    await expect(fetchTiny(folder, [])).rejects.toThrow("none was given");
    await expect(fetchTiny(folder, ["http://127.0.0.1:1/"])).rejects.toThrow("tiny (EACCES); ");
  });

  it("stops when told to and leaves nothing half done", async () => {
    const folder = await temporary();
    const { url } = await mirror((_, response) => void response.write(new Uint8Array(5)));
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error("stopped"));
    await expect(fetchTiny(folder, [url, url], { onProgress, signal: stop.signal })).rejects.toThrow("stopped");
    expect(await readdir(join(folder, "tiny"))).toEqual([]);
    await expect(fetchTiny(folder, [url], { signal: AbortSignal.abort(new Error("early")) })).rejects.toThrow("early");
  });
});
