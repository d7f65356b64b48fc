import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { follow } from "./follow.js";
import { scratch } from "./scratch.js";

it.skipIf(process.platform === "win32")("What the page on running a leaderboard says is so", async () => {
  const folder = scratch();
  expect(await follow("docs/running-a-leaderboard.md", folder)).toEqual(["npm install everlearn"]);
  const rows = readFileSync(join(folder, "board/tables.csv"), "utf8").split("\r\n");
  const row = (name: string) => rows.find((one) => one.includes(name));
  expect(row("er-small")).toMatch(
    /audited: all of 3 cells, \d+\.\d% on secret data, by \w{16}; re-run: all of 3 cells/,
  );
  expect(row("oracle")).toMatch(/set apart.*failed: audit: \d+\.\d% on secret data/);
});
