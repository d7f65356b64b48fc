import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, it } from "vitest";
import type * as formats from "../src/index.js";
import { archives, pictures } from "./fixtures.js";

it("reads where there is nothing of Node", async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/index.ts", import.meta.url))],
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: "formats",
    logLevel: "silent",
  });
  const page = createContext({ TextDecoder, TextEncoder });
  runInContext(outputFiles[0].text, page);
  const { decodeJpeg, decodePng, npy, readNpy, readNpz } = runInContext("formats", page) as typeof formats;
  const inPage = runInContext("(values) => Uint8Array.from(values)", page) as (values: Iterable<number>) => Uint8Array;
  for (const { kind, file, channels } of pictures) {
    const bytes = inPage(Buffer.from(file, "base64"));
    expect((kind === "png" ? decodePng(bytes) : decodeJpeg(bytes)).channels).toBe(channels);
  }
  const arrays = readNpz(inPage(Buffer.from(archives.compressed, "base64")));
  expect([...(arrays.get("y_test")?.().values ?? [])]).toEqual([0, 1, 2]);
  expect([...readNpy("a", npy(Float32Array.of(1, 2))).values]).toEqual([1, 2]);
});
