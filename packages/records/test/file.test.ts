import type * as nodeFs from "node:fs";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { describe, expect, it, vi } from "vitest";
import { deleteFile, makeFolder, openJournal, withFile, writeFile } from "../src/index.js";
import { journalOf, temporary } from "./folder.js";

let most = Infinity; // bytes that the system takes at once
const onDisk: string[] = []; // what was put there, in order: files by their size, folders by what they held
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof nodeFs>();
  const synced = (file: number) => {
    const path = process.platform === "linux" ? fs.readlinkSync(`/proc/self/fd/${file}`) : "";
    onDisk.push(fs.fstatSync(file).isDirectory() ? `${path}: ${fs.readdirSync(path).join()}` : path);
    fs.fsyncSync(file);
  };
  const write = (file: number, bytes: Uint8Array, at: number) =>
    fs.writeSync(file, bytes, at, Math.min(most, bytes.length - at));
  return { ...fs, writeSync: vi.fn<typeof write>(write), fsyncSync: vi.fn<typeof fs.fsyncSync>(synced) };
});

describe("writeFile", () => {
  it("replaces a file whole and leaves nothing beside it", () => {
    const directory = temporary();
    const path = join(directory, "a");
    writeFile(path, "first");
    writeFile(path, Uint8Array.of(0xc3, 0xa9));
    expect(readFileSync(path, "utf8")).toBe("é");
    expect(readdirSync(directory)).toEqual(["a"]);
  });

  it.runIf(process.platform === "linux")("has the file on the disk before its name, and then its name", () => {
    const directory = temporary();
    onDisk.length = 0;
    writeFile(join(directory, "a"), "first");
    expect(onDisk).toEqual([join(directory, "a.part"), `${directory}: a`]);
    onDisk.length = 0;
    makeFolder(join(directory, "b", "c"));
    expect(onDisk).toEqual([`${directory}/b: c`, `${directory}: a,b`]);
    onDisk.length = 0;
    makeFolder(join(directory, "b", "c"));
    expect(onDisk).toEqual([]);
    const journal = openJournal(directory, "c");
    journal.record({ type: "failed", message: "something" });
    journal.close();
    expect(onDisk).toEqual([`${directory}: a,b,journal.jsonl`, join(directory, "journal.jsonl")]);
  });

  it("writes all where the system takes a part at a time", () => {
    const directory = temporary();
    most = 7;
    try {
      writeFile(join(directory, "a"), "0123456789".repeat(5));
      const journal = openJournal(directory, "c");
      journal.record({ type: "failed", message: "something" });
      journal.record({ type: "failed", message: "something else" });
      journal.close();
    } finally {
      most = Infinity;
    }
    expect(vi.mocked(writeSync).mock.calls.length).toBeGreaterThan(10);
    expect(readFileSync(join(directory, "a"), "utf8")).toBe("0123456789".repeat(5));
    expect(journalOf(directory)).toMatchObject([{ message: "something" }, { message: "something else" }]);
  });

  it.runIf(existsSync("/dev/full"))("leaves the old file where the disk is full", () => {
    const directory = temporary();
    const path = join(directory, "a");
    writeFile(path, "old");
    symlinkSync("/dev/full", `${path}.part`);
    expect(() => writeFile(path, "new")).toThrow(
      new RunError(`Cannot write "${path}": the disk is full; free some space and go on with --resume.`),
    );
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(directory)).toEqual(["a"]);
  });

  it("leaves the old file where something is in the way", () => {
    const directory = temporary();
    const path = join(directory, "a");
    writeFile(path, "old");
    mkdirSync(`${path}.part`);
    expect(() => writeFile(path, "new")).toThrow(/^Cannot write ".+": a folder is in the way; choose another folder/);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it("says what is wrong with the path", () => {
    const directory = temporary();
    writeFileSync(join(directory, "file"), "");
    expect(() => writeFile(join(directory, "gone", "a"), "")).toThrow(/"[^"]+a": its folder is gone/);
    expect(() => writeFile(join(directory, "file", "a"), "")).toThrow(/"[^"]+a": a part of the path is a file/);
    expect(() => writeFile(join(directory, "x".repeat(300)), "")).toThrow(
      /: the path is longer than the system allows; choose another folder with --out\.$/,
    );
    expect(() => writeFile(join(directory, "a\0b\u001b[31m"), "")).toThrow(
      /^Cannot write ".+a\\u0000b\\u001b\[31m": the path has a character in it that no path may have, NUL; choose/,
    );
    symlinkSync("loop", join(directory, "loop"));
    expect(() => writeFile(join(directory, "loop", "a"), "")).toThrow(
      /: the links in the path lead in a circle; choose/,
    );
  });
});

describe("deleteFile", () => {
  it("deletes what is there, and says in plain words what it cannot delete", () => {
    const directory = temporary();
    const path = join(directory, "a");
    writeFile(path, "");
    deleteFile(path);
    deleteFile(path);
    expect(readdirSync(directory)).toEqual([]);
    mkdirSync(path);
    expect(() => deleteFile(path)).toThrow(
      `Cannot delete "${path}": a folder is in the way; choose another folder with --out.`,
    );
  });
});

describe("withFile", () => {
  it.each([
    ["EMFILE", "too many files are open; raise the limit (ulimit -n) and go on with --resume"],
    ["ENFILE", "too many files are open on this machine; close some programs and go on with --resume"],
    ["EBUSY", "another program has it open; go on with --resume when it is closed"],
    ["EWHATEVER", "the system gives EWHATEVER as the reason; choose another folder with --out"],
  ])("says what %s means", (code, reason) => {
    const act = () => {
      throw Object.assign(new Error(`${code}: system words`), { code });
    };
    expect(() => withFile("delete", "p", act)).toThrow(new RunError(`Cannot delete "p": ${reason}.`));
  });

  it("keeps the system's error as the cause, and leaves other errors alone", () => {
    const denied = Object.assign(new Error("EACCES: no"), { code: "EACCES" });
    const mistake = new TypeError("no file's fault");
    const doing = (error: Error) => () => {
      throw error;
    };
    expect(() => withFile("read", "p", doing(denied))).toThrow('Cannot read "p": you have no permission;');
    expect(() => withFile("read", "p", doing(denied))).toThrow(expect.objectContaining({ cause: denied }) as Error);
    expect(() => withFile("read", "p", doing(mistake))).toThrow(mistake);
  });
});
