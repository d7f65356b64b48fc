import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const programme = fileURLToPath(new URL("run.mjs", import.meta.url));

describe("a short form of the programme of attacks", () => {
  it.each([
    ["specs", 400, /\d+ refused/],
    ["receipts", 400, /\d+ refused/],
    ["journals", 400, /\d+ refused/],
    ["strings", 16, /\d+ refused/],
    ["forgeries", 16, /\d+ told by verify/],
    ["faults", 16, /\d+ refused/],
    ["kills", 2, /2 tried/],
    ["cheats", 20, /1 honest and believed/],
  ])("breaks no promise by %s", { timeout: 300_000 }, (kind, count, outcome) => {
    const { stdout, status } = spawnSync(process.execPath, [programme, "--only", kind, "--count", String(count)], {
      encoding: "utf8",
    });
    expect(stdout.trimEnd().split("\n").at(-1), stdout).toBe("0 breaches");
    expect(stdout).toMatch(new RegExp(`^${kind}: ${count} tried, `, "m"));
    expect(stdout).toMatch(outcome);
    expect(status).toBe(0);
  });
});
