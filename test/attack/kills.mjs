// Attacks by SIGKILL, at any moment of a suite: the command alone, or all its processes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { endedForPeople, inFolder, outcomes, start } from "./command.mjs";
import { chooser } from "./hostile.mjs";
import { run } from "./reading.mjs";

const { learner, buffer, ...shared } = run;
const suite = JSON.stringify({
  ...shared,
  name: "suite",
  dataset: { use: "glyphs", train: 300, test: 100 },
  stream: { use: "rotated", tasks: 3, examplesPerTask: 200, maxAngle: 90 },
  network: { use: "mlp", hidden: [50] },
  runs: [
    { name: "mer", learner, buffer },
    { name: "er", learner: { use: "er", alpha: 0.05, k: 3 }, buffer },
  ],
});
const command = ["bench", "suite.json", "--out", "results", "--jobs", "2", "--checkpoint-every", "0"];

let undisturbed;
async function expected() {
  undisturbed ??= inFolder(async (cwd) => {
    writeFileSync(join(cwd, "suite.json"), suite);
    const began = performance.now();
    const end = await start(command, { cwd }).ended;
    if (end.status !== 0) throw new Error(`The undisturbed suite failed: ${end.stderr}`);
    return { whole: JSON.stringify(outcomes(cwd)), milliseconds: performance.now() - began };
  });
  return undisturbed;
}

/** The processes that a process started, and those that they started. */
function descendants(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
    return children.map(Number).flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return []; // it has ended, or this is no Linux
  }
}

/** Kills a suite at a moment of its life; what is started again must come to the same bits, each cell once. */
export async function kill(index, seed) {
  const choose = chooser(seed, "kills", index);
  const { whole, milliseconds } = await expected();
  return inFolder(async (cwd) => {
    writeFileSync(join(cwd, "suite.json"), suite);
    const { child, ended } = start(command, { cwd });
    await wait(choose.below(Math.ceil(milliseconds)));
    const all = [child.pid, ...(choose.below(2) === 0 ? descendants(child.pid) : [])];
    if (choose.below(2) === 0) all.reverse();
    for (const pid of all)
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has ended meanwhile
      }
    const first = await ended;
    const second = await start(command, { cwd }).ended;
    if (!endedForPeople(second)) throw new Error(`It does not go on: ${second.stderr}`);
    const found = JSON.stringify(outcomes(cwd));
    if (found !== whole) throw new Error(`It goes on to something else: ${found}`);
    return first.signal === "SIGKILL" ? "resumed" : "ended before";
  });
}
