import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";

/** One real thing in pure JavaScript: online learning of two classes, with replay. Its value is what it learnt. */
const program = `
import { reservoir } from "@everlearn/buffer-reservoir";
import { er } from "@everlearn/learner-er";
import { mlp } from "@everlearn/network-mlp";
import { random } from "@everlearn/random";

const network = mlp({ hidden: [8] }, { inputs: 2, outputs: 2, random: random(0, "network") });
const learner = er({ alpha: 0.1, k: 5 }, { network, buffer: reservoir({ capacity: 20 }, { random: random(0) }) });
for (let i = 0; i < 300; i++) learner.observe([{ x: Float32Array.of(i % 2, 1 - (i % 2)), y: i % 2 }]);
export const learnt = [...learner.predict([{ x: Float32Array.of(1, 0) }, { x: Float32Array.of(0, 1) }])].join();
`;
const expected = "1,0";

/** A bundle for browsers of this source. @throws Error where it needs what only Node.js has */
async function bundle(folder, contents, options = {}) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    ...{ bundle: true, write: false, platform: "browser", minify: true, logLevel: "silent" },
    ...options,
  });
  return outputFiles[0].text;
}

/** The least that it takes to bring a package to a browser, in bytes; nothing where it needs Node.js. */
export async function bundleSize(folder, name) {
  try {
    return (await bundle(folder, `export * from ${JSON.stringify(name)};`, { format: "esm" })).length;
  } catch (error) {
    if (/Could not resolve "(?:node:)?\w/.test(String(error))) return undefined;
    throw error;
  }
}

/** Runs the program where there is nothing but the language. */
export async function runBare(folder) {
  const script = await bundle(folder, program, { format: "iife", globalName: "everlearn" });
  const context = createContext({ atob });
  runInContext(script, context);
  return check(runInContext("everlearn.learnt", context), "A context with nothing but the language");
}

/** Runs the program in a browser's page and in its worker. @returns what happened; nothing where there is no browser */
export async function runChromium(folder) {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const paths = (process.env.PATH ?? "").split(delimiter).flatMap((place) => names.map((name) => join(place, name)));
  const executablePath = paths.find((path) => existsSync(path));
  if (executablePath === undefined) return undefined;
  const script = await bundle(folder, program, { format: "iife", globalName: "everlearn" });
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--headless"] });
  try {
    const page = await browser.newPage();
    check(await page.evaluate(`${script}; everlearn.learnt`), "A page of Chromium");
    const inWorker = `new Promise((resolve, reject) => {
      const blob = new Blob([${JSON.stringify(`${script}; postMessage(everlearn.learnt);`)}]);
      const worker = new Worker(URL.createObjectURL(blob));
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    })`;
    check(await page.evaluate(inWorker), "A worker of Chromium");
  } finally {
    await browser.close();
  }
  return "learnt the same in a page and in a worker of Chromium";
}

/** Keeps a sample of what it is sent in a worker of Node.js, which imports the package by its name. */
export async function runWorker(folder) {
  const file = join(folder, "worker.mjs");
  writeFileSync(
    file,
    `import { parentPort } from "node:worker_threads";
import { reservoir } from "@everlearn/buffer-reservoir";
import { random } from "@everlearn/random";
const memory = reservoir({ capacity: 5 }, { random: random(7) });
parentPort.on("message", (item) => {
  if (item !== "end") return memory.add(item);
  parentPort.postMessage(memory.all());
  parentPort.close();
});
`,
  );
  const worker = new Worker(file);
  const kept = new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  for (let i = 0; i < 1000; i++) worker.postMessage({ id: i });
  worker.postMessage("end");
  const ids = (await kept).map(({ id }) => id);
  const whole = ids.length === 5 && new Set(ids).size === 5 && ids.every((id) => id >= 0 && id < 1000);
  if (!whole || ids.every((id) => id < 5)) throw new Error(`A worker kept ${ids.join(", ")} of 1000 items.`);
  return ids;
}

function check(learnt, where) {
  if (learnt !== expected) throw new Error(`${where} learnt ${learnt} instead of ${expected}.`);
  return learnt;
}
