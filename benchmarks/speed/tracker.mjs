// What sending a run to MLflow costs: of the training, and until all has arrived. Wants a real server:
//
//   mlflow server --host 127.0.0.1 --port 5000
//   MLFLOW_TRACKING_URI=http://127.0.0.1:5000 node benchmarks/speed/tracker.mjs [--runs 3] [--examples 30000]
//
// training: the process that sends a run's journal is stopped (SIGSTOP) and goes on (SIGCONT) second by second, while the
//           run trains; neighbouring seconds are a pair, of which the first is now with it, now without. So the machine's
//           own ups and downs fall out, and what was held up comes on top of the seconds with it. Against the server
//           itself; through a proxy that fails half of all requests (500, 429 or a reset); against one that is silent for
//           half a minute; against none at all. The training's speed is the journal's. Not on Windows.
// points:   a run of 20,000 points and more, made without a tracker; the seconds of `everlearn sync`, from start to end.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "3" }, examples: { type: "string", default: "30000" } },
});
const [runs, examples] = [values.runs, values.examples].map(Number);
const real = process.env.MLFLOW_TRACKING_URI;
if (!real) throw new Error("MLFLOW_TRACKING_URI names no server: see this file's head.");
const execute = promisify(execFile);
const cli = fileURLToPath(new URL("../../packages/cli/bin/everlearn.js", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "everlearn-tracker-"));
const environment = { ...process.env, MLFLOW_EXPERIMENT_NAME: `everlearn's speed, ${new Date().toISOString()}` };

const spec = {
  name: "tracked",
  dataset: { use: "glyphs" },
  stream: { use: "rotated", tasks: 10, examplesPerTask: examples / 10, maxAngle: 180, testExamples: 200 },
  network: { use: "mlp", hidden: [100, 100] },
  learner: { use: "mer", alpha: 0.03, beta: 0.03, s: 10, k: 11 },
  buffer: { use: "reservoir", capacity: 500 },
  seeds: [0],
};

/** Writes a spec into a folder of its own. @returns the folder */
function folderOf(name, changes = {}) {
  const folder = mkdtempSync(join(work, `${name}-`));
  writeFileSync(join(folder, "spec.json"), JSON.stringify({ ...spec, ...changes }));
  return folder;
}

/** Runs the spec with a tracker at `uri`, every other second without it. @returns for each pair, how much slower with it */
async function train(uri) {
  const cwd = folderOf("train", { evaluation: { tasks: "all", every: 100, examples: 10 } });
  const child = spawn(process.execPath, [cli, "run", "spec.json", "--tracker", "mlflow"], {
    cwd,
    env: { ...environment, MLFLOW_TRACKING_URI: uri },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const directory = join(cwd, "runs/tracked/seed-0");
  while (!existsSync(join(directory, "journal.jsonl"))) await sleep(20);
  const tracker = await trackerProcessOf(child.pid);
  const over = new Promise((resolve) =>
    child.stdout.on("data", (text) => text.includes("Results:") && resolve("over")),
  );
  const windows = [];
  for (let i = 0; ; i++) {
    const sending = i % 4 === 0 || i % 4 === 3; // with, without, without, with
    process.kill(tracker, sending ? "SIGCONT" : "SIGSTOP");
    const from = Date.now();
    const how = await Promise.race([sleep(1000), over]);
    if (how === "over") break;
    windows.push({ sending, from, to: Date.now() });
  }
  process.kill(tracker, "SIGCONT");
  child.kill("SIGKILL"); // it only waits for the server now; its tracker process ends with it
  await closed;
  const speeds = speedsIn(join(directory, "journal.jsonl"), windows);
  const pairs = [];
  for (let i = 0; i + 1 < windows.length; i += 2) {
    const [first, second] = [speeds[i], speeds[i + 1]];
    if (first && second) pairs.push(windows[i].sending ? second / first : first / second);
  }
  return pairs;
}

/** The number of the tracker process that another process started. */
async function trackerProcessOf(pid) {
  const { stdout } = await execute("ps", ["-A", "-o", "pid=,ppid=,args="]);
  const lines = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const isTracker = ([, parent, ...args]) => Number(parent) === pid && args.join(" ").includes("tracker-process");
  return Number(lines.find(isTracker)[0]);
}

/** For each stretch of time the examples a second that a journal tells of wholly within it; NaN: of none. */
function speedsIn(journal, windows) {
  const records = readFileSync(journal, "utf8").trim().split("\n").map(JSON.parse);
  const trained = records.filter(({ type }) => type === "training");
  return windows.map(({ from, to }) => {
    const inside = trained.filter(
      ({ time }, i) => i > 0 && Date.parse(trained[i - 1].time) >= from && Date.parse(time) <= to,
    );
    return inside.length / inside.reduce((sum, { examplesPerSecond }) => sum + 1 / examplesPerSecond, 0);
  });
}

/** A server on the loopback that does `act` with every request. */
async function serve(act) {
  const server = createServer(act);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    uri: `http://127.0.0.1:${port}`,
    stop: () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))),
  };
}

/** Fails in one of three ways, half the time; else hands the request on to the real server. */
function failHalf(asked, answer) {
  const way = Math.floor(6 * Math.random());
  if (way === 0) answer.writeHead(500).end();
  else if (way === 1) answer.writeHead(429, { "retry-after": "1" }).end();
  else if (way === 2) asked.socket.destroy();
  else handOn(asked, answer);
}

function handOn(asked, answer) {
  const { method, url, headers } = asked;
  const on = request(new URL(url, real), { method, headers }, (given) => {
    answer.writeHead(given.statusCode, given.headers);
    given.pipe(answer);
  });
  on.on("error", () => asked.socket.destroy());
  asked.pipe(on);
}

const percent = (ratio) => `${ratio < 1 ? "−" : "+"}${Math.abs(100 * (ratio - 1)).toFixed(1)}%`;

/** The median of ratios, and the order statistics that are its 95% interval. */
function middleOf(ratios) {
  const sorted = ratios.toSorted((a, b) => a - b);
  const [middle, around] = [(sorted.length - 1) / 2, 0.98 * Math.sqrt(sorted.length)];
  const at = (rank) => percent(sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(rank)))]);
  return `${at(middle)} (${at(middle - around)} to ${at(middle + around)}), ${sorted.length} pairs`;
}

async function training() {
  const half = await serve(failHalf);
  const silent = await serve((_, answer) => setTimeout(() => answer.destroy(), 30_000).unref());
  const nobody = await serve(() => {});
  await nobody.stop();
  const ways = {
    "the server itself": real,
    "half of all requests fail": half.uri,
    "silent for half a minute": silent.uri,
    "no server there": nobody.uri,
  };
  const all = [];
  for (const [name, uri] of Object.entries(ways)) {
    const pairs = [];
    for (let run = 0; run < runs; run++) pairs.push(...(await train(uri)));
    console.log(`training, ${name}: ${middleOf(pairs)}`);
    all.push(...pairs);
  }
  console.log(`training, all of these: ${middleOf(all)}`);
  await Promise.all([half.stop(), silent.stop()]);
}

async function points() {
  // Two thousand glances: an accuracy each time of every task so far, up to 20, and their mean.
  const cwd = folderOf("points", {
    stream: { ...spec.stream, tasks: 20, examplesPerTask: 1000 },
    learner: { use: "er", alpha: 0.03, k: 11 },
    evaluation: { tasks: "all", every: 10, examples: 10 },
  });
  const everlearn = (...args) => execute(process.execPath, [cli, ...args], { cwd, env: environment });
  await everlearn("run", "spec.json");
  const journal = readFileSync(join(cwd, "runs/tracked/seed-0/journal.jsonl"), "utf8").trim().split("\n");
  const count = journal.map(JSON.parse).reduce((sum, record) => sum + pointsIn(record), 0);
  const start = performance.now();
  await everlearn("sync", "runs");
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `points: ${count} in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second, with everything else`,
  );
}

/** How many points a record of the journal is. */
function pointsIn({ type, accuracy, after, metrics }) {
  if (type === "training") return 2;
  if (type === "end") return Object.values(metrics).filter(Number.isFinite).length;
  if (type !== "glance" && type !== "evaluation") return 0;
  const known = accuracy.filter((value) => value !== null).length;
  return known + (type === "glance" ? 1 : after === null ? 0 : 2);
}

try {
  await points();
  await training();
} finally {
  rmSync(work, { recursive: true, force: true });
}
