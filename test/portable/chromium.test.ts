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
    const worker = `${script}; onmessage = async ({ data }) => postMessage(await everlearn.digests(data));`;
    const found = await page.evaluate(
      ([source, wanted]) =>
        new Promise((resolve, reject) => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          const worker = new Worker(url);
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(wanted);
        }),
      [worker, specs] as const,
    );
    expect(found).toEqual(expected);
  });
});
