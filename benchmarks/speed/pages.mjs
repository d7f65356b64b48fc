// What a leaderboard of many receipts costs: node benchmarks/speed/pages.mjs [RUNS] [SETTINGS] [TASKS]
//
// Makes up RUNS runs (10,000) of ten seeds, spread over SETTINGS (100), each with an R of TASKS × TASKS (20), and packs
// their receipts, sealed, into a temporary folder, a file a run. Then times the command `everlearn leaderboard` on them
// from its start to its end: reading, checking every seal, statistics, tables, all pages. Prints time, peak memory and
// sizes, and how long Chromium (CHROMIUM_PATH, or the one that is installed) takes to open the largest pages from there.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { digest } from "@everlearn/digest";
import { sealOf } from "@everlearn/records";

const [runs = 10_000, settings = 100, tasks = 20] = process.argv.slice(2).map(Number);
const seeds = 10;

/** A number in [0, 1) from three whole numbers. */
function noise(a, b, c) {
  let t = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b) ^ Math.imul(c + 1, 0xc2b2ae35);
  t = Math.imul(t ^ (t >>> 15), 0x2c1b3c6d);
  return ((t ^ (t >>> 12)) >>> 0) / 2 ** 32;
}

/** A line of a packed file. */
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
  const specId = hash(`${run}a`);
  const made = {
    name: `run-${run}`,
    seed,
    specId,
    cellId: digest({ specId, seed }),
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
  };
  return JSON.stringify({ ...made, seal: sealOf(made) });
}

const folder = mkdtempSync(join(tmpdir(), "everlearn-pages-"));
const [results, site] = [join(folder, "results"), join(folder, "site")];
mkdirSync(results);
for (let run = 0; run < runs; run++) {
  const lines = Array.from({ length: seeds }, (_, seed) => `${receipt(run, seed)}\n`);
  writeFileSync(join(results, `run-${run}.jsonl`), lines.join(""));
}

/** Says what its process used, when it ends. */
const meter = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  process.on("exit", () => writeSync(3, JSON.stringify(process.resourceUsage())));
`)}`;
const command = fileURLToPath(new URL("../../packages/cli/bin/everlearn.js", import.meta.url));
const start = performance.now();
const { status, stdout, output } = spawnSync(
  process.execPath,
  ["--import", meter, command, "leaderboard", results, "--out", site, "--title", "Many"],
  { stdio: ["ignore", "pipe", "inherit", "pipe"], encoding: "utf8" },
);
const seconds = (performance.now() - start) / 1000;
if (status !== 0) throw new Error(`everlearn leaderboard ended with status ${status}.`);
const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(output[3]);
process.stdout.write(stdout);
console.log(
  `${seconds.toFixed(1)} s (processor: ${(userCPUTime / 1e6).toFixed(1)} s, system: ${(systemCPUTime / 1e6).toFixed(1)} s); peak memory ${Math.round(maxRSS / 1024)} MB`,
);

/** Sizes in bytes, by path. */
const sizes = new Map(
  readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => [path.slice(site.length + 1).replaceAll("\\", "/"), statSync(path).size]),
);
const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
console.log(`${sizes.size} files, ${(total / 1e6).toFixed(0)} MB`);

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
      await page.goto(pathToFileURL(join(site, path)).href);
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
