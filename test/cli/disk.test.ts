import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkComplaint, everlearn, journalOf, resultOf, withSpec } from "./everlearn.js";

const place = "out/small/seed-0";
const run = (cwd: string, ...more: string[]) => everlearn(["run", "spec.json", "--out", "out", ...more], { cwd });

async function undisturbed(): Promise<string> {
  const cwd = withSpec();
  expect((await run(cwd)).status).toBe(0);
  return resultOf(join(cwd, place)).digest;
}

interface Disk {
  enlarge(): void;
  unmount(): void;
}

/** Mounts a small disk, where that is allowed. */
function smallDisk(folder: string): Disk | undefined {
  const mount = (options: string) =>
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
  try {
    mount("size=64k,mode=755");
  } catch {
    return undefined;
  }
  return { enlarge: () => mount("remount,size=4m"), unmount: () => execFileSync("umount", [folder]) };
}

describe.concurrent("where results go", () => {
  it("a full disk loses nothing that was recorded", async () => {
    const cwd = withSpec();
    mkdirSync(join(cwd, "out"));
    const disk = smallDisk(join(cwd, "out"));
    if (disk === undefined) {
      console.warn(
        "No file system can be mounted here: the next test, with /dev/full, is all there is for a full disk.",
      );
      return;
    }
    try {
      const path = join(place, "checkpoint.bin");
      expect(checkComplaint(await run(cwd, "--checkpoint-every", "0"))).toBe(
        `Cannot write "${path}": the disk is full; free some space and go on with --resume.`,
      );
      const records = journalOf(join(cwd, place));
      expect(records.slice(0, 2).map(({ type }) => type)).toEqual(["start", "evaluation"]);
      expect(readdirSync(join(cwd, place)).toSorted()).toEqual(["checkpoint.bin", "journal.jsonl"]);
      disk.enlarge();
      expect(await run(cwd, "--resume")).toMatchObject({ status: 0, stderr: "" });
      expect(resultOf(join(cwd, place)).digest).toBe(await undisturbed());
      expect(journalOf(join(cwd, place)).slice(0, records.length)).toEqual(records);
    } finally {
      disk.unmount();
    }
  });

  it("a checkpoint that does not fit keeps the one before it", async () => {
    if (!existsSync("/dev/full")) {
      console.warn("There is no /dev/full here: a checkpoint that does not fit was not tried.");
      return;
    }
    const cwd = withSpec();
    mkdirSync(join(cwd, place), { recursive: true });
    symlinkSync("/dev/full", join(cwd, place, "checkpoint.bin.part"));
    expect(checkComplaint(await run(cwd))).toMatch(/checkpoint\.bin": the disk is full; free some space and go on/);
    expect(readdirSync(join(cwd, place))).toEqual(["journal.jsonl"]);
    expect(await run(cwd, "--resume")).toMatchObject({ status: 0, stderr: "" });
    expect(resultOf(join(cwd, place)).digest).toBe(await undisturbed());
  });

  it("a picture that cannot be written is told after the result is safe", async () => {
    const cwd = withSpec();
    mkdirSync(join(cwd, place, "accuracy.svg.part"), { recursive: true });
    expect(checkComplaint(await run(cwd))).toBe(
      `Cannot write "${join(place, "accuracy.svg")}": a folder is in the way; choose another folder with --out.`,
    );
    expect(resultOf(join(cwd, place)).digest).toBe(await undisturbed());
  });

  it("a folder without permission is told", async () => {
    const cwd = withSpec();
    mkdirSync(join(cwd, "out"));
    chmodSync(join(cwd, "out"), 0o555);
    const args = ["run", "spec.json", "--out", "out"];
    expect(checkComplaint(await everlearn(args, { cwd, unprivileged: true }))).toBe(
      `Cannot write "${place}": you have no permission; choose another folder with --out.`,
    );
    expect(readdirSync(join(cwd, "out"))).toEqual([]);
  });

  it("a file in place of the folder is told, and kept", async () => {
    const cwd = withSpec();
    writeFileSync(join(cwd, "out"), "mine");
    expect(checkComplaint(await run(cwd))).toBe(
      `Cannot write "${place}": a part of the path is a file; choose another folder with --out.`,
    );
    expect(readFileSync(join(cwd, "out"), "utf8")).toBe("mine");
  });

  it("a result of another spec is told, and kept", async () => {
    const cwd = withSpec();
    await run(cwd);
    const before = readFileSync(join(cwd, place, "result.json"));
    writeFileSync(join(cwd, "spec.json"), readFileSync(join(cwd, "spec.json"), "utf8").replace("0.05", "0.06"));
    for (const more of [[], ["--resume"]])
      expect(checkComplaint(await run(cwd, ...more))).toBe(
        `"${join(place, "result.json")}" belongs to a run with another spec, seed, data set or plugin version; choose another folder with --out.`,
      );
    expect(readFileSync(join(cwd, place, "result.json"))).toEqual(before);
  });

  it("a damaged result is told, and made again from nothing once it is deleted", async () => {
    const cwd = withSpec();
    await run(cwd);
    const path = join(place, "result.json");
    const before = readFileSync(join(cwd, path), "utf8");
    writeFileSync(join(cwd, path), before.slice(0, 100));
    expect(checkComplaint(await run(cwd))).toMatch(
      /^The result "out\/small\/seed-0\/result\.json" is damaged, or no receipt: .+; delete it and --resume makes it again\.$/,
    );
    rmSync(join(cwd, path));
    expect(await run(cwd, "--resume")).toMatchObject({ status: 0, stderr: "" });
    expect(resultOf(join(cwd, place)).digest).toBe((JSON.parse(before) as { digest: string }).digest);
  });
});
