// Runs the command for an attack, in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../packages/cli/bin/everlearn.js", import.meta.url));

/** Starts the command. @returns the process, and how it ended with what it wrote */
export function start(args, { cwd, env = {} }) {
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, XDG_CACHE_HOME: join(cwd, "cache"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"])
    child[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
  return {
    child,
    ended: new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal, ...said }))),
  };
}

/** Calls a function with a folder that goes afterwards. */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "everlearn-attack-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The digests of all results in a folder, by cell, and the files beside each. */
export function outcomes(folder) {
  const found = {};
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted())
    if (path.endsWith("result.json")) {
      const { digest } = JSON.parse(readFileSync(join(folder, path), "utf8"));
      const directory = path.slice(0, -"/result.json".length);
      found[directory] = { digest, files: readdirSync(join(folder, directory)).sort() };
    }
  return found;
}

/** Throws unless the command ended well, or with a sentence for people. @returns whether it ended well */
export function endedForPeople({ status, signal, stderr }) {
  if (status === 0) return true;
  if (signal !== null || status > 5 || !/^everlearn: /m.test(stderr) || /\n {4}at /.test(stderr))
    throw new Error(`The command ended with ${signal ?? status} and without a sentence: ${stderr.slice(-1500)}`);
  return false;
}
