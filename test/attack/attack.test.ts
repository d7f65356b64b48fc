import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const programme = fileURLToPath(new URL("run.mjs", import.meta.url));

describe("a short form of the programme of attacks", () => {
  it.each(["specs", "receipts", "journals"])("breaks no promise by %s", (kind) => {
    const { stdout, status } = spawnSync(process.execPath, [programme, "--only", kind, "--count", "400"], {
      encoding: "utf8",
    });
    expect(stdout).toMatch(new RegExp(`^${kind}: 400 tried, .*\\d+ refused`, "m"));
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("0 breaches");
    expect(status).toBe(0);
  });
});
