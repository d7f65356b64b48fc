import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What `npm run` says of this repository is none of another folder's. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:package|lifecycle|config_local_prefix)|^INIT_CWD$/.test(name),
  ),
);

/** Runs npm in a folder, which asks no registry for anything. @returns its standard output */
export async function npm(cwd: string, ...args: string[]): Promise<string> {
  const quiet = ["--offline", "--no-audit", "--no-fund"];
  const { stdout } = await execute("npm", [...args, ...quiet], { cwd, env, shell: process.platform === "win32" });
  return stdout;
}

/** Packs the package in a folder. @returns the tarball's name, and the paths in it */
export async function pack(cwd: string): Promise<{ filename: string; paths: string[] }> {
  const stdout = await npm(cwd, "pack", "--json");
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf("[\n"))) as [
    { filename: string; files: { path: string }[] },
  ];
  return { filename, paths: files.map(({ path }) => path) };
}
