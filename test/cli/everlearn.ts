import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JournalRecord } from "@everlearn/contracts";
import type { Result } from "@everlearn/records";
import { afterAll, expect } from "vitest";
import { descendantsOf, gone } from "./processes.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const command = join(repository, "packages/cli/bin/everlearn.js");
if (!existsSync(join(repository, "packages/cli/dist/main.js")))
  throw new Error("The command is not built; run `npm run build` before its tests.");

/** How the command ended, and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** The working folder. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs without the rights of root. */
  readonly unprivileged?: boolean;
}

/** Starts the command, with no more of our environment than it needs. */
export function start(args: readonly string[], { cwd, env = {}, unprivileged = false }: Surroundings) {
  const { PATH = "", SystemRoot } = process.env;
  const child: ChildProcess = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { PATH, ...(SystemRoot && { SystemRoot }), HOME: cwd, XDG_CACHE_HOME: join(cwd, "cache"), ...env },
    ...(unprivileged && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (text: string) => (said[stream] += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    // On a machine that others use, a run of a second may take more than the ten after which its progress is told.
    child.on("close", (status, signal) =>
      resolve({ status, signal, ...said, stderr: said.stderr.replaceAll(/^\S+ seed \d+ · .*\n/gm, "") }),
    );
  });
  return { child, ended };
}

export function everlearn(args: readonly string[], surroundings: Surroundings): Promise<Ended> {
  return start(args, surroundings).ended;
}

/** Starts a run and kills it outright when this much has happened in a folder. @returns whether it was killed in time */
export async function killed(args: readonly string[], cwd: string, directory: string, events: number) {
  mkdirSync(directory, { recursive: true });
  const { child, ended } = start(args, { cwd });
  let left = events;
  let orphans: number[] = [];
  const watcher = watch(directory, () => {
    if (--left > 0) return;
    orphans = [...orphans, ...descendantsOf(child.pid ?? 0)];
    child.kill("SIGKILL");
  });
  const { status, signal, stderr } = await ended;
  watcher.close();
  await gone(orphans); // they end by themselves, and may write until then
  expect(stderr).not.toContain("everlearn:");
  expect(signal === "SIGKILL" || status === 0).toBe(true);
  return signal === "SIGKILL";
}

const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** A folder that everyone may read and that goes when the file's tests have ended. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "everlearn-cli-"));
  chmodSync(path, 0o755);
  folders.push(path);
  return path;
}

/** What makes a folder of its own, each time a copy of one that is made by the first call. */
export function copies(make: (cwd: string) => Promise<void>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return async () => {
    made ??= (async () => {
      const first = folder();
      await make(first);
      return first;
    })();
    const cwd = folder();
    cpSync(await made, cwd, { recursive: true });
    return cwd;
  };
}

/** A run that takes a tenth of a second. */
export const small = {
  name: "small",
  dataset: { use: "glyphs", train: 400, test: 100 },
  stream: { use: "rotated", tasks: 3, examplesPerTask: 40 },
  network: { use: "mlp", hidden: [8] },
  learner: { use: "er", alpha: 0.05, k: 3 },
  buffer: { use: "reservoir", capacity: 20 },
};

/** A folder with `spec.json`: the small run with changes. */
export function withSpec(changes: object = {}): string {
  const path = folder();
  writeFileSync(join(path, "spec.json"), JSON.stringify({ ...small, ...changes }));
  return path;
}

export function resultOf(directory: string): Result & { readonly digest: string } {
  return JSON.parse(readFileSync(join(directory, "result.json"), "utf8")) as Result & { readonly digest: string };
}

/** The whole lines of a journal without their checksums: the last may have been cut short by a crash. */
export function journalOf(directory: string): JournalRecord[] {
  const path = join(directory, "journal.jsonl");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => {
    const { sum: _, ...record } = JSON.parse(line) as JournalRecord & { readonly sum?: string };
    return record;
  });
}

/** A journal's records but those of training. */
export const milestones = (directory: string): JournalRecord[] =>
  journalOf(directory).filter(({ type }) => type !== "training");

/** What happened, without when and how fast. */
export function timeless(records: readonly JournalRecord[]): object[] {
  return records.map((record) => ({
    ...record,
    time: "",
    ...("examplesPerSecond" in record && { examplesPerSecond: 0 }),
  }));
}

/** Checks that the command ended with sentences for its user and nothing else. @returns them, without its name */
export function checkComplaints({ status, stdout, stderr }: Ended): string[] {
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^everlearn: .+\n$/s),
  });
  expect(stderr).not.toMatch(/^ +at |undefined|\[object/m);
  expect(stderr).not.toContain("\u001b");
  const lines = stderr.trimEnd().replace("everlearn: ", "").split("\n");
  for (const line of lines) expect(line).toMatch(/^\S.{15,}[.)]$/);
  return lines;
}

export function checkComplaint(ended: Ended): string {
  const lines = checkComplaints(ended);
  expect(lines).toHaveLength(1);
  return lines[0];
}
