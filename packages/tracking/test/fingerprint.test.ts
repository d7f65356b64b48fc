import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fingerprint } from "../src/fingerprint.js";
import { folder } from "./runs.js";

it("changes with the files of the folder and with nothing else", () => {
  const root = folder();
  const file = join(root, "file");
  const seen = [fingerprint(root)];
  const look = () => seen.push(fingerprint(root));
  writeFileSync(file, "one");
  look();
  writeFileSync(file, "three");
  look();
  utimesSync(file, 1, 1);
  look();
  expect(new Set(seen).size).toBe(4);
  expect(fingerprint(root)).toBe(seen[3]);
  mkdirSync(join(root, "sync"));
  writeFileSync(join(root, "sync", "file"), "");
  expect(fingerprint(root)).toBe(seen[3]);
  rmSync(file);
  expect(fingerprint(root)).toBe(seen[0]);
});
