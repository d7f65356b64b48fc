import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { packageRoot } from "./package-root.js";

const execute = promisify(execFile);

/**
 * The commit of everlearn's own source, where it runs from a checkout: recorded beside what it computes. A checkout that
 * was changed since says so, as "<commit>+changes".
 */
export async function sourceCommit(): Promise<string | undefined> {
  try {
    const git = async (...args: string[]) =>
      (await execute("git", ["--no-optional-locks", ...args], { cwd: packageRoot })).stdout.trim();
    const top = await git("rev-parse", "--show-toplevel");
    if (!packageRoot.startsWith(`${top}/packages/cli`)) return undefined; // installed into somebody else's repository
    const changes = await git(
      "status",
      "--porcelain",
      "--untracked-files=no",
      "--",
      `${top}/packages`,
      `${top}/plugins`,
    );
    return `${await git("rev-parse", "HEAD")}${changes === "" ? "" : "+changes"}`;
  } catch {
    return undefined; // no git, or no repository
  }
}
