import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Result, type RunSpec, runsOf } from "@everlearn/records";
import { temporary } from "./fixture.js";

if (!existsSync(new URL("../dist/worker.js", import.meta.url)))
  throw new Error("The worker is not built; run `npm run build` before its tests.");

/** A learner of many ways to end. It answers 0, and tells the process in which it learned. */
const learner = `
  import { closeSync } from "node:fs";
  const kept = [];
  let made = 0;
  const ways = {
    well() {},
    loop() { for (;;); },
    printAndLoop() { console.log(process.pid); for (;;); },
    exit() { process.exit(3); },
    leave() { process.exit(0); },
    throw() { throw new TypeError("There is no such example."); },
    heap() { for (;;) kept.push({ some: [1, 2, 3], more: Math.random() }); },
    memory() { for (;;) kept.push(new Uint8Array(1e6).fill(1)); },
    array() { new ArrayBuffer(2 ** 46); },
    hangUp() { closeSync(3); },
    die() { process.kill(process.pid, "SIGKILL"); },
    later() { setTimeout(() => { throw new Error("Too late."); }, 1); },
    once() { if (made > 2) throw new Error("Only one of me."); },
    print() { console.log("out of " + process.pid); console.error("err"); },
    slowly() { const end = Date.now() + 20; while (Date.now() < end); },
  };
  export default {
    contract: 2, kind: "learner", name: "ending", description: "Ends in some way.",
    options: { way: { type: "string", enum: Object.keys(ways), description: "Which." } },
    create({ way }) {
      made++;
      return { observe: ways[way], predict: (queries) => new Uint16Array(queries.length), save: () => null, load() {} };
    },
  };`;

/** A new folder with the learner `./ending.mjs`, and the runs of a suite in it that take a tenth of a second each. */
export function suite(runs: readonly object[], more: object = {}): { folder: string; specs: RunSpec[] } {
  const folder = temporary();
  writeFileSync(join(folder, "ending.mjs"), learner);
  const document = {
    dataset: { use: "glyphs", train: 200, test: 50 },
    stream: { use: "rotated", tasks: 2, examplesPerTask: 20 },
    network: { use: "mlp", hidden: [8] },
    ...more,
    runs,
  };
  return { folder, specs: runsOf(document, join(folder, "suite.json")) };
}

/** A run whose learner ends in this way. */
export const ending = (way: string, name: string = way.toLowerCase()) => ({
  name,
  learner: { use: "./ending.mjs", way },
  network: null,
});

export const online = (alpha = 0.05, name = "online") => ({ name, learner: { use: "online", alpha } });

/** What an error says, without the suite's folder: messages about a suite have it relative to the working folder, others as it is. */
export const messageOf = (error: unknown, folder: string): string =>
  (error as Error).message.replaceAll(`${relative(process.cwd(), folder)}/`, "").replaceAll(`${folder}/`, "");

export function jsonIn(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}

export const resultIn = (...path: string[]): Result => jsonIn(...path, "result.json") as Result;
