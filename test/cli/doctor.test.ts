import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { everlearn, folder } from "./everlearn.js";

it("everlearn doctor loads every plugin and says what each backend can do here", async () => {
  const { status, stdout, stderr } = await everlearn(["doctor"], { cwd: folder() });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { length } = readdirSync(new URL("../../plugins", import.meta.url));
  expect(stdout).toContain(`\n${length} of ${length} plugins load.\n`);
  const text = stdout.replaceAll(/\s+/g, " ");
  for (const backend of ["wasm", "cpu"])
    expect(text).toMatch(new RegExp(`✓ ${backend} .*a step of 784-100-100-10 at batch 1 takes [\\d.]+ ms`));
  expect(text).toMatch(/[✓✗] node-gpu .*[✓✗] node /);
  if (text.includes("✗ node ")) expect(text).toContain("npm install @tensorflow/tfjs-node@4.22.0");
});
