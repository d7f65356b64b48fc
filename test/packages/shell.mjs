import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

// What `npm run` says of this repository is none of a stranger's folder's.
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_package_|npm_lifecycle_|npm_config_local_prefix$|INIT_CWD$)/.test(name),
  ),
);

/**
 * Runs a program in a folder.
 * @returns {Promise<string>} its standard output
 * @throws Error with all that it said, where it failed
 */
export async function shell(cwd, program, ...args) {
  try {
    const options = { cwd, env, maxBuffer: 64 * 1024 * 1024, shell: process.platform === "win32" };
    return (await execute(program, args, options)).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`${program} ${args.join(" ")} failed in ${cwd}:\n${stdout}${stderr}`.trimEnd(), { cause: error });
  }
}

export const node = (cwd, ...args) => shell(cwd, process.execPath, ...args);
