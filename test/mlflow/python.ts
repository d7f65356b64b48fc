import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { root } from "../workspace.js";

const execute = promisify(execFile);
const windows = process.platform === "win32";

/** A Python that has MLflow and what its basic-auth app needs, or why there is none. */
export type Python = { readonly path: string } | { readonly reason: string };

/**
 * That of the venv at `EVERLEARN_MLFLOW_VENV`; else that at `EVERLEARN_MLFLOW_CACHE`, by default in the cache below
 * node_modules, which is made when it is first needed: that takes a minute or two and 850 MB.
 * @throws Error where there is none although `EVERLEARN_REQUIRE_MLFLOW=1` says that there must be.
 */
export async function mlflowPython(): Promise<Python> {
  const python = await found();
  if ("reason" in python && process.env.EVERLEARN_REQUIRE_MLFLOW === "1")
    throw new Error(`${python.reason} EVERLEARN_REQUIRE_MLFLOW=1 asks for tests against a real MLflow.`);
  return python;
}

async function found(): Promise<Python> {
  const given = process.env.EVERLEARN_MLFLOW_VENV;
  if (given) {
    const path = pythonOf(given);
    if (await imports(path)) return { path };
    return {
      reason: `EVERLEARN_MLFLOW_VENV names no venv whose Python imports mlflow and flask_wtf ("mlflow[auth]").`,
    };
  }
  const venv = process.env.EVERLEARN_MLFLOW_CACHE || join(root, "node_modules/.cache/everlearn-mlflow");
  mkdirSync(dirname(venv), { recursive: true });
  return alone(`${venv}.lock`, () => made(venv));
}

async function made(venv: string): Promise<Python> {
  const path = pythonOf(venv);
  if (await imports(path)) return { path };
  const system = windows ? "python" : "python3";
  try {
    await execute(system, ["--version"]);
  } catch {
    return { reason: "There is no Python 3 to install MLflow with." };
  }
  rmSync(venv, { recursive: true, force: true });
  try {
    await execute(system, ["-m", "venv", venv]);
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "mlflow[auth]>=3.7,<4"];
    await execute(path, install, { timeout: 900_000, maxBuffer: 2 ** 26 });
  } catch (error) {
    const lines = (error as Error).message.trim().split("\n");
    return { reason: `MLflow could not be installed (${lines[lines.length - 1]}).` };
  }
  return (await imports(path)) ? { path } : { reason: "MLflow was installed, but cannot be imported." };
}

const pythonOf = (venv: string): string => join(venv, windows ? "Scripts/python.exe" : "bin/python");

async function imports(python: string): Promise<boolean> {
  if (!existsSync(python)) return false;
  try {
    const look = "from importlib.util import find_spec as f; assert f('mlflow.server') and f('flask_wtf')";
    await execute(python, ["-c", look], { timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

/** Does something that no two processes may do at the same time; a lock whose holder is gone holds nobody up. */
async function alone<T>(lock: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch {
      if (!alive(lock)) rmSync(lock, { force: true });
      await sleep(500);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function alive(lock: string): boolean {
  if (!existsSync(lock)) return true; // it was let go of just now
  try {
    process.kill(Number(readFileSync(lock, "utf8")) || process.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
