import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { json, root } from "./workspace.js";

const execute = promisify(execFile);

/** The path of a Node that npm provides, or why there is none. */
async function provided(version: string): Promise<{ path: string } | { reason: string }> {
  try {
    const command = ["-y", "-p", `node@${version}`, "node", "-p", "process.execPath"];
    const options = { cwd: tmpdir(), timeout: 120_000, shell: process.platform === "win32" };
    const { stdout } = await execute("npx", command, options);
    return { path: stdout.trim() };
  } catch (error) {
    const lines = (error as Error).message.split("\n");
    return { reason: lines.find((line) => line.startsWith("npm error")) ?? lines[0] };
  }
}

/** The least of each line that package.json allows, and the newest of the last. */
describe.concurrent.each(["20.19.0", "22.12.0", "24"])("Node %s", (version) => {
  it("gives the golden digests", { timeout: 180_000 }, async ({ skip }) => {
    const node = await provided(version);
    if ("reason" in node) {
      console.warn(`Node ${version} could not be had from npm, so its digests were not compared (${node.reason}).`);
      skip("npm did not provide it");
      return;
    }
    const { stdout: itself } = await execute(node.path, ["--version"]);
    expect(`${itself.trim()}.`).toContain(`v${version}.`);
    const { stdout } = await execute(node.path, [join(root, "test/digests.mjs")], { timeout: 150_000 });
    expect(JSON.parse(stdout)).toEqual(json("test/golden.json"));
  });
});
