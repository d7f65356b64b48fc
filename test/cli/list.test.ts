import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkComplaint, everlearn, folder } from "./everlearn.js";

const tell = (...args: string[]) => everlearn(args, { cwd: folder() });
const ours = readdirSync(new URL("../../plugins", import.meta.url));

describe.concurrent("everlearn", () => {
  it("lists all plugins that come with it", async () => {
    const { status, stdout, stderr } = await tell("list");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toContain("\u001b");
    for (const plugin of ours) {
      const [kind] = plugin.split("-");
      const name = plugin.slice(kind.length + 1);
      expect(stdout).toMatch(new RegExp(`^${kind} +${name} .* @everlearn/${plugin}\\s`, "m"));
    }
  });

  it("lists the plugins of one kind", async () => {
    const { status, stdout } = await tell("list", "learner");
    expect(status).toBe(0);
    const packages = [...stdout.matchAll(/@everlearn\/([a-z-]+)/g)].map(([, name]) => name);
    expect(packages).toEqual(ours.filter((plugin) => plugin.startsWith("learner-")).toSorted());
    expect(await tell("list", "tracker")).toMatchObject({ status: 0, stderr: "" });
  });

  it("knows no other kinds", async () => {
    expect(checkComplaint(await tell("list", "nonsense"))).toBe(
      'There is no kind of plugin called "nonsense"; the kinds are dataset, stream, scenario, network, optimizer, augmentation, buffer, learner, metric, tracker.',
    );
  });

  it("says from where a plugin is, and whether it can be used", async () => {
    const cwd = folder();
    const contracts = (range: string) => ({ peerDependencies: { "@everlearn/contracts": range } });
    const packages: Record<string, object> = {
      "everlearn-learner-mine": contracts("*"),
      "everlearn-learner-old": contracts("^0.0.9"),
      "@me/everlearn-learner-new": contracts("^7.0.0"),
      "@me/everlearn-learner-twice": {},
      "@you/everlearn-learner-twice": {},
    };
    for (const [name, more] of Object.entries(packages)) {
      mkdirSync(join(cwd, "node_modules", name), { recursive: true });
      const manifest = { name, version: "4.5.6", description: "One of mine.", ...more };
      writeFileSync(join(cwd, "node_modules", name, "package.json"), JSON.stringify(manifest));
    }
    const { status, stdout, stderr } = await everlearn(["list", "learner"], { cwd });
    expect(status).toBe(0);
    const [here, there] = stdout.split("\n\n");
    expect(here).toMatch(/^In node_modules:\nkind +name +what it is +package +fits\b/);
    expect(there).toMatch(/^With the command, in .+node_modules:\nkind +name +what it is +package +fits\b/);
    expect(there).toMatch(/^learner +mer .* @everlearn\/learner-mer \S+ +yes\b/m);
    const row = (name: string, full: string, fits: string) =>
      expect(here).toMatch(new RegExp(`^learner +${name} +One of mine\\. +${full}(?: 4\\.5\\.6)? +${fits}\\b`, "m"));
    row("mine", "everlearn-learner-mine", "yes");
    row("old", "everlearn-learner-old", "no");
    row("new", "@me/everlearn-learner-new", "no");
    row("twice", "@you/everlearn-learner-twice", "unknown");
    const made = (name: string, range: string, remedy: string) =>
      expect.stringMatching(
        new RegExp(
          `^everlearn: Package "${name}" 4\\.5\\.6 was made for @everlearn/contracts \\${range}, but here they are [\\d.]+; run "npm install ${remedy}@latest"\\.$`,
        ),
      );
    expect(stderr.trimEnd().split("\n")).toEqual([
      made("@me/everlearn-learner-new", "^7.0.0", "everlearn"),
      made("everlearn-learner-old", "^0.0.9", "everlearn-learner-old"),
      'everlearn: Packages "@me/everlearn-learner-twice" and "@you/everlearn-learner-twice" both offer the learner "twice"; name the package in the spec instead.',
    ]);
  });

  it.each(["mer", "learner-mer", "@everlearn/learner-mer"])("describes %s", async (name) => {
    const { status, stdout, stderr } = await tell("describe", name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(
      /^learner mer @everlearn\/learner-mer \d+\.\d+\.\d+\n.+\nSource: arXiv:1810\.11910\nNeeds: network, buffer\n/,
    );
    expect(stdout).toMatch(/^alpha +number > 0 +required +The learning rate α/m);
    expect(stdout).toMatch(/^k +integer ≥ 1 +required +/m);
  });

  it("says of a stream that it needs another one", async () => {
    expect((await tell("describe", "blurry")).stdout).toContain('\nNeeds: another stream, in "of"\n');
  });

  it("describes every plugin that it lists", async () => {
    for (const plugin of ours) {
      const { status, stdout } = await tell("describe", plugin);
      expect(status).toBe(0);
      expect(stdout).toContain(`@everlearn/${plugin} `);
    }
  });

  it("knows what is near an unknown name", async () => {
    expect(checkComplaint(await tell("describe", "merr"))).toMatch(
      /^There is no plugin "merr" here; the nearest names are mer, [a-z-]+, [a-z-]+ \(everlearn list shows all\)\.$/,
    );
  });

  it("tells its version and how it is used", async () => {
    const manifest = new URL("../../packages/cli/package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    expect(await tell("--version")).toEqual({ status: 0, signal: null, stdout: `${version}\n`, stderr: "" });
    const help = await tell("--help");
    expect(help).toMatchObject({ status: 0, stderr: "" });
    for (const command of ["run", "list", "describe", "new", "data"])
      expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
    const run = await tell("run", "--help");
    for (const option of ["--out", "--seed, --seeds", "--only", "--resume", "--data", "--checkpoint-every"])
      expect(run.stdout).toContain(option);
  });
});
