// What a leaderboard of many receipts costs: node benchmarks/speed/pages.mjs [RUNS] [SETTINGS] [TASKS]
//
// Makes up RUNS runs (10,000) of ten seeds, spread over SETTINGS (100), each with an R of TASKS × TASKS (20); builds their
// site in a temporary folder as `everlearn` does, receipt by receipt and file by file; prints time, peak memory and sizes,
// and how long Chromium (CHROMIUM_PATH, or the one that is installed) takes to open the largest pages from there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createSite } from "@everlearn/leaderboard";

const [runs = 10_000, settings = 100, tasks = 20] = process.argv.slice(2).map(Number);
const seeds = 10;

/** A number in [0, 1) from three whole numbers. */
function noise(a, b, c) {
  let t = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b) ^ Math.imul(c + 1, 0xc2b2ae35);
  t = Math.imul(t ^ (t >>> 15), 0x2c1b3c6d);
  return ((t ^ (t >>> 12)) >>> 0) / 2 ** 32;
}

/** As a file says it: text, parsed again for each receipt. */
function receipt(run, seed) {
  const level = 0.4 + 0.5 * noise(run, 0, 0);
  const accuracy = Array.from({ length: tasks }, (_, i) =>
    Array.from({ length: tasks }, (_, j) => {
      const value = j > i ? 0.1 : level * 0.98 ** (i - j);
      return Math.round(1e4 * (value + 0.05 * noise(run, seed, i * tasks + j))) / 1e4;
    }),
  );
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ra, la] = [mean(accuracy[tasks - 1]), mean(accuracy.map((row, i) => row[i]))];
  const setting = run % settings;
  const hash = (text) => text.padEnd(64, "0").slice(0, 64);
  return JSON.stringify({
    name: `run-${run}`,
    seed,
    specId: hash(`${run}a`),
    cellId: hash(`${run}b${seed}`),
    spec: {
      name: `run-${run}`,
      label: `learner-${Math.floor(run / settings)}`,
      settings: [`setting-${setting}`],
      protocol: { suite: "many", title: "Many", track: "closed", minimumEffect: 0.01 },
      dataset: { use: "mnist" },
      stream: { use: "rotated", tasks, examplesPerTask: 1000, maxAngle: 180 },
      scenario: { use: "domain-il", taskLabels: "never" },
      network: { use: "mlp", hidden: [100, 100] },
      learner: { use: "er", alpha: 0.1, k: 11 },
      buffer: { use: "reservoir", capacity: 200 },
    },
    accuracy,
    initial: accuracy[0],
    tasks: accuracy.map((_, i) => [i]),
    metrics: {
      retainedAccuracy: ra,
      learningAccuracy: la,
      backwardTransferAndInterference: ra - la,
      forwardTransfer: 0,
    },
    plugins: { learner: { name: "er", package: "@everlearn/learner-er", version: "0.1.0" } },
    checksum: hash("c"),
    status: "finished",
    chance: 0.1,
    predictions: { count: 10_000, sha256: hash("d") },
    examples: 1000 * tasks,
    gradients: 11_000 * tasks,
    bytes: 500_000,
    seconds: 12.5,
    digest: hash(`${run}e${seed}`),
    environment: { node: process.version, platform: "linux-x64", processor: "a processor" },
  });
}

const folder = mkdtempSync(join(tmpdir(), "everlearn-pages-"));
/** Seconds by the clock, and of the processor, which other programs do not lengthen; what making receipts up took left out. */
const now = () => [performance.now() / 1e3, process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6];
const made = [0, 0];
const took = (since) => {
  const [clock, processor] = now().map((value, i) => value - since[i]);
  return `${clock.toFixed(1)} s (processor: ${processor.toFixed(1)} s)`;
};
const start = now();
const site = createSite({ title: "Many", receipt: ({ name, seed }) => `receipts/${name}/seed-${seed}.json` });
for (let run = 0; run < runs; run++)
  for (let seed = 0; seed < seeds; seed++) {
    const before = now();
    const text = receipt(run, seed);
    now().forEach((value, i) => (made[i] += value - before[i]));
    site.add(JSON.parse(text));
  }
const begun = start.map((value, i) => value + made[i]);
console.log(`${runs * seeds} receipts read in ${took(begun)}`);
const reading = now();
const sizes = new Map();
for (const { path, content } of site.files()) {
  if (sizes.size === 0) console.log(`standings and first page in ${took(reading)}`);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  sizes.set(path, Buffer.byteLength(content));
}
const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
console.log(`${sizes.size} files, ${(total / 1e6).toFixed(0)} MB, written in ${took(reading)}`);
console.log(`all in ${took(begun)}; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);

/** The largest of each kind. */
const pages = ["index", "settings/", "runs/"].map((kind) =>
  [...sizes]
    .filter(([path]) => path.startsWith(kind) && path.endsWith(".html"))
    .reduce((a, b) => (b[1] > a[1] ? b : a)),
);
const executablePath = chromium();
if (executablePath) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  for (const [path, size] of pages) {
    const opened = [];
    for (let k = 0; k < 5; k++) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(join(folder, path)).href);
      // Until all is laid out and drawn.
      opened.push(
        await page.evaluate(
          () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now())))),
        ),
      );
      await page.close();
    }
    const median = opened.sort((a, b) => a - b)[2];
    console.log(`${path}: ${(size / 1e3).toFixed(0)} kB, open after ${median.toFixed(0)} ms (median of 5)`);
  }
  await browser.close();
} else console.log("No Chromium was found; opening pages was not measured.");
rmSync(folder, { recursive: true });

function chromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  for (const name of ["chromium", "chromium-browser", "google-chrome"])
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      // Not this one.
    }
  return undefined;
}
