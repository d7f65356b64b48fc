import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished as vitests } from "vitest";
import { root } from "./workspace.js";

/**
 * A new folder that goes when the test ends. Modules in it find the workspaces by name.
 * @param onTestFinished a concurrent test's own: vitest's says the end of whichever runs at the moment
 */
export function scratch(onTestFinished: (act: () => void) => void = vitests): string {
  const parent = join(root, "node_modules/.cache/everlearn");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
