// Attacks by a system that refuses: every call of the file system by which results are written and read, at every N.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { endedForPeople, inFolder, outcomes, start } from "./command.mjs";
import { chooser } from "./hostile.mjs";
import { run } from "./reading.mjs";

const calls = [
  ...["openSync", "writeSync", "fsyncSync", "closeSync", "renameSync", "mkdirSync", "readSync", "readFileSync"],
  ...["writeFileSync", "statSync", "fstatSync", "readdirSync", "rmSync", "truncateSync", "realpathSync", "utimesSync"],
];
const codes = ["ENOSPC", "EIO", "EMFILE", "EACCES", "EROFS", "EDQUOT"];
const command = ["run", "spec.json", "--out", "results", "--checkpoint-every", "0"];
const preload = `--import=${pathToFileURL(join(import.meta.dirname, "fault.mjs"))}`;
const spec = JSON.stringify({ ...run, seeds: [0] });

let undisturbed;
async function expected() {
  undisturbed ??= inFolder(async (cwd) => {
    writeFileSync(join(cwd, "spec.json"), spec);
    const end = await start(command, { cwd }).ended;
    if (end.status !== 0) throw new Error(`The undisturbed run failed: ${end.stderr}`);
    return JSON.stringify(outcomes(cwd));
  });
  return undisturbed;
}

/** The Nth call of a function fails, N growing with the index; the run must end with a sentence, and go on to the same bits. */
export async function fault(index, seed) {
  const code = chooser(seed, "faults", index).of(codes);
  const call = calls[index % calls.length];
  const at = 1 + Math.floor(index / calls.length);
  const whole = await expected();
  return inFolder(async (cwd) => {
    writeFileSync(join(cwd, "spec.json"), spec);
    const EVERLEARN_FAULT = JSON.stringify({ call, at, code, within: "results" });
    const attempt = `${call} ${at} ${code}`;
    const first = await start(command, { cwd, env: { NODE_OPTIONS: preload, EVERLEARN_FAULT } }).ended;
    let well;
    try {
      well = endedForPeople(first);
    } catch (error) {
      throw new Error(`${attempt}: ${error.message}`, { cause: error });
    }
    if (well && JSON.stringify(outcomes(cwd)) === whole) return "survived";
    const second = await start([...command, "--resume"], { cwd }).ended;
    if (second.status !== 0) throw new Error(`${attempt}: it does not go on: ${second.stderr}`);
    if (JSON.stringify(outcomes(cwd)) !== whole)
      throw new Error(`${attempt}: it goes on to something else: ${JSON.stringify(outcomes(cwd))}`);
    return well ? "mended" : "refused";
  });
}
