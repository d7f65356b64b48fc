import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.js";
import { root } from "../workspace.js";

const script = join(root, "release/commits.mjs");
const who = { NAME: "A contributor", EMAIL: "contributor@localhost" };
const identity = Object.fromEntries(
  Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]),
);
const env = { ...process.env, ...identity, GIT_CONFIG_GLOBAL: "/dev/null" };
const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", args, { cwd, env, encoding: "utf8", stdio: "pipe" });

const look = (cwd: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
};
const unseen = expect.stringMatching(/^Commit messages could not be looked at: .+\.\n$/) as string;

describe("commit messages", () => {
  it.each([
    "fix(learner-er): the last example was drawn twice",
    "feat(contracts)!: a short contract",
    "refactor(scenario-domain-il,scenario-class-il): one option",
    "docs: why",
    "chore: release",
    "Merge branch 'main' into fixes",
    "fixup! fix(learner-er): the last example was drawn twice",
  ])("may be %j", (message) => {
    const folder = scratch();
    writeFileSync(join(folder, "message"), `${message}\n\nMore: why.\n`);
    expect(look(folder, "message")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it.each([
    "The last example was drawn twice",
    "Fix: a capital",
    "fix (learner-er): a space",
    "fix(learner-er) no colon",
    "fix():",
    "fix: ",
    "fixes: no such type",
    "",
  ])("may not be %j", (message) => {
    const folder = scratch();
    writeFileSync(join(folder, "message"), `${message}\n\nfix: too late\n`);
    const { status, stderr } = look(folder, "message");
    expect(status).toBe(1);
    expect(stderr).toContain(`a commit. These do not:\n${message}\n`);
  });

  it("are looked at in all commits since the rule, merges apart", () => {
    const clone = join(scratch(), "clone");
    git(root, "clone", "--quiet", root, clone);
    const before = look(clone);
    expect(before.status, before.stderr).toBe(0);
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "feat: one");
    git(clone, "checkout", "--quiet", "-b", "side", "HEAD~1");
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "fix: two");
    git(clone, "merge", "--quiet", "--message", "Both", "-"); // "-": the branch before
    if (before.stdout === "") {
      expect(look(clone)).toEqual({ status: 0, stdout: "", stderr: "" });
      git(clone, "commit", "--quiet", "--allow-empty", "--message", "One that has no type");
      const { status, stderr } = look(clone);
      expect(status).toBe(1);
      expect(stderr).toMatch(/These do not:\n[0-9a-f]+ One that has no type\n$/);
    } else expect(before.stdout).toEqual(unseen); // this is no clone with the history either
  });

  it("are not looked at in a shallow clone, or where there is no git, which is said", () => {
    const shallow = join(scratch(), "shallow");
    git(root, "clone", "--quiet", "--depth", "1", `file://${root}`, shallow);
    expect(look(shallow)).toEqual({ status: 0, stdout: unseen, stderr: "" });
    const empty = scratch();
    const { status, stdout } = spawnSync(process.execPath, [script], {
      cwd: empty,
      env: { PATH: "" },
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: unseen });
  });
});
