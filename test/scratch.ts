import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { root } from "./workspace.js";

/** A new folder that goes when the test ends. Modules in it find the workspaces by name. */
export function scratch(): string {
  const parent = join(root, "node_modules/.cache/everlearn");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
