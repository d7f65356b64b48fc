import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LockedError, lock } from "../src/index.js";
import { temporary } from "./folder.js";

/** The lock that a process would leave, from our own. */
function lockOf({ pid, start, host }: { pid: number; start?: string; host?: string }): string {
  const folder = temporary();
  const release = lock(folder);
  const [, , own, here] = /^lock\.(\d+)\.(\d+)\.(.+)$/.exec(readdirSync(folder)[0]) ?? [];
  release();
  return `lock.${pid}.${start ?? startOf(pid) ?? own}.${host ?? here}`;
}

/** Field 22 of its stat: see proc(5). */
function startOf(pid: number): string | undefined {
  const path = `/proc/${pid}/stat`;
  return existsSync(path)
    ? readFileSync(path, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ")[22 - 3]
    : undefined;
}

const gone = () => Number(spawnSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).stdout);

describe("a lock", () => {
  it("makes its folder, and leaves nothing in it", () => {
    const folder = join(temporary(), "a/b");
    const release = lock(folder);
    expect(readdirSync(folder)).toHaveLength(1);
    release();
    release();
    expect(readdirSync(folder)).toEqual([]);
    lock(folder)();
  });

  it("keeps out this process as well as others that live", () => {
    const folder = temporary();
    const release = lock(folder);
    expect(() => lock(folder)).toThrow(LockedError);
    expect(readdirSync(folder)).toHaveLength(1);
    release();
    const other = lockOf({ pid: process.ppid });
    writeFileSync(join(folder, other), "");
    expect(() => lock(folder)).toThrow(
      `"${folder}" is in use by process ${process.ppid}: wait until it has ended, or choose another folder with --out.`,
    );
    expect(readdirSync(folder)).toEqual([other]);
  });

  it("of a process that has ended keeps nobody out, nor one whose number another process has now", () => {
    const folder = temporary();
    writeFileSync(join(folder, lockOf({ pid: gone() })), "");
    if (process.platform === "linux") writeFileSync(join(folder, lockOf({ pid: process.ppid, start: "1" })), "");
    writeFileSync(join(folder, lockOf({ pid: process.pid, start: "1" })), "");
    writeFileSync(join(folder, "lock.txt"), "");
    lock(folder)();
    expect(readdirSync(folder)).toEqual(["lock.txt"]);
  });

  it("of another machine is believed, and its user told how to take it away", () => {
    const folder = temporary();
    writeFileSync(join(folder, lockOf({ pid: gone(), host: "elsewhere.net" })), "");
    expect(() => lock(folder)).toThrow(
      /is in use by process (\d+) on elsewhere\.net: wait until .+; where that is gone, delete the file "lock\.\1…" in it\.$/,
    );
  });
});
