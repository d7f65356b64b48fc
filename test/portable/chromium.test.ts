import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath } from "../page/browser.js";
import { bundle } from "./bundle.js";
import { expected, portable, specs } from "./golden.js";

const executablePath = chromiumPath();
if (executablePath === undefined && process.env.EVERLEARN_REQUIRE_BROWSER === "1")
  throw new Error(
    "There is no Chromium, which EVERLEARN_REQUIRE_BROWSER=1 demands; install one, or name it in CHROMIUM_PATH.",
  );
if (executablePath === undefined) console.warn("Skipped: there is no Chromium; CHROMIUM_PATH names one.");

describe.skipIf(executablePath === undefined)("a worker of a page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox", "--headless"] });
  });
  afterAll(() => browser?.close());

  it("gives the golden digests of Node.js", async () => {
    const { script } = await bundle(portable);
    const page = await browser.newPage();
    const worker = `${script}; onmessage = async ({ data }) => {
      try { postMessage({ found: await everlearn.digests(data) }); } catch (error) { postMessage({ failure: String(error.stack) }); }
    };`;
    const found: Record<string, string> = {};
    // A page may have about a hundred WebAssembly memories, until those of disposed networks are collected.
    for (let first = 0; first < specs.length; first += 25) {
      const some = await page.evaluate(
        ([source, wanted]) =>
          new Promise<Record<string, string>>((resolve, reject) => {
            const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
            const worker = new Worker(url);
            worker.onmessage = ({ data }) => {
              worker.terminate();
              if (data.failure === undefined) resolve(data.found);
              else reject(new Error(data.failure));
            };
            worker.onerror = ({ message }) => reject(new Error(message));
            worker.postMessage(wanted);
          }),
        [worker, specs.slice(first, first + 25)] as const,
      );
      Object.assign(found, some);
    }
    expect(found).toEqual(expected);
  });
});
