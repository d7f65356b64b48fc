// Whether commit messages have the form from which lerna computes versions and changelogs: type(scope)!: why.
// node release/commits.mjs [FILE]: of all commits since the rule, or of the message in a file, as git hands it to a hook.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The last commit before the rule. */
const base = "13b237a4ba0960c8c32cf0da0b8f7fdfbee72cdb";
const types = ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"];
const form = new RegExp(`^(?:${types.join("|")})(?:\\([\\w./-]+(?:, ?[\\w./-]+)*\\))?!?: \\S`);
/** What git writes itself and no changelog shows: merges, and what a rebase will fold into another commit. */
const passing = /^(?:Merge|fixup!|squash!|amend!) /;
const git = (...args) => execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** The commits since the rule but merges, a line each; none where they cannot be had. */
function commits() {
  try {
    git("merge-base", "--is-ancestor", base, "HEAD"); // fails without git, without history, without this commit
    return git("log", "--no-merges", "--format=%h %s", `${base}..HEAD`).split("\n").filter(Boolean);
  } catch {
    console.log(`Commit messages could not be looked at: this is no clone with the history since ${base.slice(0, 7)}.`);
    return [];
  }
}

const [file] = process.argv.slice(2);
const [message = ""] = file ? readFileSync(file, "utf8").split("\n") : [];
const wrong = file
  ? [message].filter((line) => !form.test(line) && !passing.test(line))
  : commits().filter((line) => !form.test(line.replace(/^\w+ /, "")));
if (wrong.length > 0) {
  const remedy = `the types are ${types.join(", ")}, and "git commit --amend" or "git rebase -i" rewords a commit`;
  console.error(
    `A commit's message begins as in "fix(learner-er): why"; ${remedy}. These do not:\n${wrong.join("\n")}`,
  );
  process.exitCode = 1;
}
