import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { StoppedError } from "@everlearn/contracts";
import { describe, expect, it, vi } from "vitest";
import { createHeartbeat } from "../src/folder/heartbeat.js";
import { lockName, type Owner, own, ownerOf, stateOf } from "../src/folder/owner.js";
import { acquire, isLocked, LockedError, lock, openJournal, runsOf } from "../src/index.js";
import { temporary } from "./folder.js";

const linux = process.platform === "linux";

/** Leaves the lock of another process in a folder. @returns its name */
function leave(folder: string, changes: Partial<Owner>): string {
  const { pid = own.pid } = changes;
  const name = lockName({ ...own, start: startOf(pid) ?? own.start, ...changes });
  writeFileSync(join(folder, name), "");
  return name;
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
const elsewhere = { host: "n3.00000000", boot: "a".repeat(32) };
const container = { namespace: "4026532999" };

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

  it("names its process, boot, namespace and machine, in a way in which no run can be called", () => {
    const folder = temporary();
    const release = lock(folder);
    const [name] = readdirSync(folder);
    expect(ownerOf(name)).toEqual(own);
    if (linux) {
      expect(own.boot).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().replaceAll("-", ""));
      expect(own.start).toBe(startOf(process.pid));
    }
    expect(() => runsOf({ name, stream: { use: "x" }, learner: { use: "x" } }, "s.json")).toThrow(/\/name must be/);
    release();
  });

  it("keeps out this process as well as others that live", () => {
    const folder = temporary();
    const release = lock(folder);
    expect(() => lock(folder)).toThrow(LockedError);
    expect(readdirSync(folder)).toHaveLength(1);
    release();
    const other = leave(folder, { pid: process.ppid });
    expect(() => lock(folder)).toThrow(
      `"${folder}" is in use by process ${process.ppid}: wait until it has ended, or choose another folder with --out.`,
    );
    expect(readdirSync(folder)).toEqual([other]);
  });

  it("of a process that has ended keeps nobody out, nor one whose number another process has now", () => {
    const folder = temporary();
    leave(folder, { pid: gone() });
    if (linux) leave(folder, { pid: process.ppid, start: "1" });
    leave(folder, { start: "1" });
    const others = ["lock.1.2.otherhost", "lock.txt", "lock~1"];
    for (const name of others) mkdirSync(join(folder, name)); // an earlier version's, or no lock at all
    lock(folder)();
    expect(readdirSync(folder).toSorted()).toEqual(others.toSorted());
  });

  it.runIf(linux)("of an earlier boot of this machine keeps nobody out, whatever process has its number now", () => {
    expect(stateOf({ ...own, boot: "b".repeat(32) })).toBe(own.namespace === "4026531836" ? "dead" : "unknown");
    expect(stateOf({ ...own, ...container, boot: "b".repeat(32) })).toBe("unknown"); // containers may share a name
    if (own.namespace !== "4026531836") return;
    const folder = temporary();
    leave(folder, { boot: "b".repeat(32) });
    expect(isLocked(folder)).toBe(false);
    lock(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("says whether a folder is locked, on the word of others where nothing else is known", () => {
    const folder = temporary();
    expect(isLocked(folder)).toBe(false);
    leave(folder, { pid: gone() });
    expect(isLocked(folder)).toBe(false);
    leave(folder, elsewhere);
    expect(isLocked(folder)).toBe(true);
  });
});

describe.each([
  ["on another machine", elsewhere, " on n3"],
  ["in another container of this machine", container, linux ? " of another container" : ""],
])("a lock of a process %s", (_, where, said) => {
  it("is not taken away before it was seen unchanged for the lease, by our own clock", async () => {
    const folder = temporary();
    const name = leave(folder, { pid: gone(), ...where });
    utimesSync(join(folder, name), 1, 1); // of long ago, by a clock that may be wrong
    expect(() => lock(folder)).toThrow(
      expect.objectContaining({
        undecided: true,
        message: expect.stringMatching(
          `in use by process \\d+${said}: wait until .+; it is taken over if that gives no sign`,
        ),
      }) as Error,
    );
    expect(readdirSync(folder)).toEqual([name]);
    const sentences: string[] = [];
    const began = performance.now();
    const release = await acquire(folder, { lease: 300, onWait: (sentence) => sentences.push(sentence) });
    expect(performance.now() - began).toBeGreaterThan(200);
    expect(sentences).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([lockName(own)]);
    release();
  });

  it("is left alone as soon as it gives a sign of life", async () => {
    const folder = temporary();
    const name = leave(folder, where);
    const touch = () => utimesSync(join(folder, name), new Date(), new Date());
    const timer = setInterval(touch, 50);
    const failed: unknown = await acquire(folder, { lease: 2000 }).catch((error: unknown) => error);
    clearInterval(timer);
    expect(failed).toBeInstanceOf(LockedError);
    expect(failed).toMatchObject({ undecided: false, message: expect.not.stringContaining("taken over") });
    expect(readdirSync(folder)).toEqual([name]);
  });

  it("is not waited for any longer when it is let go of, or the wait is stopped", async () => {
    const folder = temporary();
    const name = leave(folder, where);
    await expect(acquire(folder, { signal: AbortSignal.timeout(50) })).rejects.toThrow(StoppedError);
    expect(readdirSync(folder)).toEqual([name]);
    const { unlinkSync } = await import("node:fs");
    const coming = acquire(folder);
    setTimeout(() => unlinkSync(join(folder, name)), 50);
    (await coming)();
  });
});

describe("the sign of life of a lock", () => {
  it("is given by a thread, however busy the process is, until it is let go of", async () => {
    const path = join(temporary(), "lock");
    writeFileSync(path, "");
    utimesSync(path, 1, 1);
    const heartbeat = createHeartbeat(20);
    heartbeat.add(path);
    await vi.waitFor(() => expect(statSync(path).mtimeMs).toBeGreaterThan(1000));
    utimesSync(path, 1, 1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500); // nothing else can be done here meanwhile
    expect(statSync(path).mtimeMs).toBeGreaterThan(1000);
    heartbeat.delete(path);
    await wait(100);
    utimesSync(path, 1, 1);
    await wait(100);
    expect(statSync(path).mtimeMs).toBe(1000);
  });
});

describe("a process whose lock was taken over, since it seemed dead", () => {
  it("records nothing any more", () => {
    const folder = temporary();
    const held = lock(folder);
    const journal = openJournal(folder, "cell", held.assertHeld);
    journal.record({ type: "failed", message: "a" });
    const { assertHeld } = held;
    assertHeld();
    held();
    expect(() => assertHeld()).toThrow(LockedError);
    for (const act of [() => journal.record({ type: "failed", message: "b" }), () => journal.sum()])
      expect(act).toThrow(
        /^".+" was taken over by another process, since this one gave no sign of life for 3 minutes; go on/,
      );
    journal.close();
    expect(readFileSync(join(folder, "journal.jsonl"), "utf8").split("\n")).toHaveLength(2);
  });
});
