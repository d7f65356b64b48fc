import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { TrackerError, trackRuns } from "../src/tracking.js";
import { begin, evaluate, folder } from "./runs.js";

/** Writes a tracker. @returns its assignment; `sync` is the body of its method, which may write to the file `log` */
function trackerOf(place: string, sync: string) {
  writeFileSync(
    join(place, "own.mjs"),
    `import { appendFileSync } from "node:fs";
    const log = (text) => appendFileSync(${JSON.stringify(join(place, "log"))}, text + "\\n");
    export default {
      contract: 2, kind: "tracker", name: "own", description: "For a test.", options: {},
      create: () => ({ async sync(runs, { last }) { ${sync} }, dispose: () => log("disposed") }),
    };`,
  );
  return { choice: { use: "./own.mjs" }, searchPath: [place] };
}

const logged = "for (const { records } of runs) log(String(records.length)); return { pending: 0 };";
const logOf = (place: string) =>
  existsSync(join(place, "log")) ? readFileSync(join(place, "log"), "utf8").split("\n") : [];

describe("runs that are tracked", () => {
  it("are shown to their tracker while they train, and whole in the end", async () => {
    const place = folder();
    const run = begin(place, "a");
    const tracking = await trackRuns([trackerOf(place, logged)], place);
    await vi.waitFor(() => expect(logOf(place)).toContain("1"), { timeout: 20_000 });
    evaluate(run, 10);
    expect(await tracking.finish()).toBeUndefined();
    expect(logOf(place)).toContain("2");
    expect(logOf(place).at(-2)).toBe("disposed");
  });

  it("need no process where there is no tracker", async () => {
    const tracking = await trackRuns([], "nowhere");
    expect(await tracking.finish()).toBeUndefined();
  });

  it("do not start where a tracker cannot be created", async () => {
    const refused = trackRuns([{ choice: { use: "./none.mjs" }, searchPath: [folder()] }], "nowhere");
    await expect(refused).rejects.toThrow(TrackerError);
    await expect(refused).rejects.toThrow("none.mjs");
  });

  it("go on without a tracker whose process has ended; then it is told why, each time", async () => {
    const place = folder();
    begin(place, "a");
    const fatal = 'if (last) process.exit(); return { pending: 3, problem: "The server is down." };';
    const tracking = await trackRuns([trackerOf(place, fatal)], place);
    await vi.waitFor(() => expect(existsSync(join(place, "a/seed-0/sync"))).toBe(true), { timeout: 20_000 });
    const unsent = await tracking.finish();
    expect(unsent).toEqual({
      reason: "process ended",
      status: { runs: 1, pending: 3, incomplete: 1, problem: "The server is down." },
    });
    expect(await tracking.finish()).toBe(unsent);
  });
});
