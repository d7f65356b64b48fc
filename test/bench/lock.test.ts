import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { folder } from "../cli/everlearn.js";
import { root } from "../workspace.js";

/** Enters a folder so many times, and looks each time whether it is alone there. */
const visitor = `
  import { closeSync, openSync, rmSync } from "node:fs";
  import { lock, LockedError } from ${JSON.stringify(pathToFileURL(join(root, "packages/records/dist/index.js")).href)};
  const [directory, times] = process.argv.slice(1);
  let turnedAway = 0;
  for (let entered = 0; entered < Number(times); ) {
    let release;
    try {
      release = lock(directory);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      turnedAway++;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      continue;
    }
    closeSync(openSync(directory + "/inside", "wx")); // throws where another is inside
    const end = performance.now() + 1;
    while (performance.now() < end);
    rmSync(directory + "/inside");
    entered++;
    if (entered === Number(times)) process.kill(process.pid, "SIGKILL"); // and leaves its lock behind
    release();
  }`;

it("never are two processes inside of one lock, not even where others died with it", async () => {
  const directory = folder();
  const visit = () =>
    new Promise<{ signal: NodeJS.Signals | null; stderr: string }>((resolve, reject) => {
      const args = ["--input-type=module", "-e", visitor, directory, "40"];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.on("error", reject).on("close", (_, signal) => resolve({ signal, stderr }));
    });
  const visits = await Promise.all(Array.from({ length: 4 }, visit));
  expect(visits).toEqual(visits.map(() => ({ signal: "SIGKILL", stderr: "" })));
  expect(readdirSync(directory).filter((name) => !name.startsWith("lock~"))).toEqual([]);
});
