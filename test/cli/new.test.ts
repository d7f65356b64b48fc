import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Kind, kinds } from "@everlearn/contracts";
import { installed } from "@everlearn/host";
import { beforeAll, describe, expect, it } from "vitest";
import { scratch } from "../scratch.js";
import { json, type Manifest, root } from "../workspace.js";
import { checkComplaint, type Ended, everlearn, folder, resultOf } from "./everlearn.js";
import { npm, pack } from "./npm.js";

const execute = promisify(execFile);
const cli = json("packages/cli/package.json") as Manifest;
const contracts = json("packages/contracts/package.json") as Manifest;

/** What a module exports, as Node.js sees it: vitest would look for the workspaces' sources. */
async function moduleOf(path: string): Promise<{ name: string; options: object; created: string[] }> {
  const code = `const { default: plugin, ...named } = await import(process.argv[1]);
    const created = Object.keys(named).filter((name) => named[name] === plugin.create);
    console.log(JSON.stringify({ ...plugin, created }));`;
  const { stdout } = await execute(process.execPath, ["--input-type=module", "-e", code, path]);
  return JSON.parse(stdout) as { name: string; options: object; created: string[] };
}

/** Outside of the repository: new packages find nothing but what they install. */
const workshop = folder();

const text = (...path: string[]) => readFileSync(join(...path), "utf8");
const manifestOf = (place: string) => JSON.parse(text(place, "package.json")) as Record<string, unknown>;

describe.each(kinds)("a new %s", (kind) => {
  const place = () => join(workshop, `${kind}-first-try`);

  let ended: Ended;
  beforeAll(async () => {
    ended = await everlearn(["new", kind, "first-try"], { cwd: workshop });
  });

  it("is made, and its maker told how to go on", () => {
    const { status, stdout, stderr } = ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^This everlearn runs from a checkout, .+ paths into .+\.$/m);
    expect(stdout).toMatch(/\nNext: cd \S+-first-try && npm install && npx everlearn run spec\.json\n$/);
    const listed = [...stdout.matchAll(/^ {2}(\S+) /gm)].map(([, file]) => file);
    expect(listed).toContain("index.js");
    for (const file of listed) expect(existsSync(join(place(), file)), file).toBe(true);
  });

  it("is a whole package by the name that everlearn looks for", async () => {
    expect(readdirSync(place()).toSorted()).toEqual(
      [".gitignore", "README.md", "index.js", "index.test.js", "package.json", "spec.json", "tsconfig.json"].toSorted(),
    );
    expect(manifestOf(place())).toMatchObject({
      name: `everlearn-${kind}-first-try`,
      type: "module",
      everlearn: { kind, name: "first-try" },
      engines: cli.engines,
      peerDependencies: { "@everlearn/contracts": `^${contracts.version}` },
      // Development needs what is in this checkout; users need a published version.
      devDependencies: { everlearn: expect.stringMatching(/^file:.+\/packages\/cli$/) },
      keywords: expect.arrayContaining(["everlearn-plugin", `everlearn-${kind}`]),
    });
    for (const file of readdirSync(place())) expect(text(place(), file)).not.toMatch(/template-?name|\[object/i);
    for (const file of ["README.md", "package.json", "spec.json"])
      expect(text(place(), file)).not.toContain("undefined");
    // As npm would put it there.
    const site = folder();
    mkdirSync(join(site, "node_modules", `everlearn-${kind}-first-try`), { recursive: true });
    for (const file of ["package.json", "index.js"])
      writeFileSync(join(site, "node_modules", `everlearn-${kind}-first-try`, file), text(place(), file));
    const [found] = await installed([site]);
    expect(found).toMatchObject({ kind, name: "first-try", version: "0.1.0" });
    expect(found).not.toHaveProperty("problem");
  });

  it("installs what is in the checkout, without a network", async () => {
    await npm(place(), "install");
    const installed = (name: string) => realpathSync(join(place(), "node_modules", name));
    expect(installed("everlearn")).toBe(join(root, "packages/cli"));
    expect(installed("@everlearn/contracts")).toBe(join(root, "packages/contracts"));
    expect(installed("typescript")).toBe(join(root, "node_modules/typescript"));
  });

  it("passes its own test", async () => {
    const stdout = await npm(place(), "test");
    expect(stdout).toContain(`does what ${/^[ao]/.test(kind) ? "an" : "a"} ${kind} must do`);
    expect(stdout).toMatch(/^# pass 1$/m);
  });

  it("is typed without a mistake, and its types are written when it is packed", async () => {
    const { paths } = await pack(place());
    expect(paths).toEqual(["README.md", "index.d.ts", "index.js", "package.json"]);
    const types = text(place(), "index.d.ts");
    expect(types).toContain("export declare function firstTry");
    expect(types).toContain(`Plugin<"${kind}", typeof options`);
    expect(types).not.toMatch(/\bany\b/);
  });

  it("runs as its spec says", { timeout: 120_000 }, async () => {
    const run = await everlearn(["run", "spec.json", "--seed", "0"], { cwd: place() });
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr).not.toMatch(/^everlearn: /m); // a slow machine sees progress
    expect(run.stdout).toMatch(/^first-try +1 +\d/m);
    const { metrics, accuracy } = resultOf(join(place(), "runs/first-try/seed-0"));
    expect(metrics.learningAccuracy).toBeGreaterThan(0.35); // chance is 0.1, of the data set 0.25
    const own: Partial<Record<Kind, () => void>> = {
      // What it begins as is experience replay, which is beside it in the spec.
      learner: () => expect(resultOf(join(place(), "runs/er/seed-0")).accuracy).toEqual(accuracy),
      metric: () => expect(metrics["first-try"]).toBe(Math.min(...(accuracy[4] as number[]))),
      tracker() {
        const [titles, before, ...rows] = text(place(), "runs/first-try/seed-0/accuracy.csv").trimEnd().split("\n");
        expect(titles).toBe("after,examples,task 0,task 1,task 2,task 3,task 4");
        expect(before).toMatch(/^,0,/);
        expect(rows).toEqual(accuracy.map((row, i) => [i, 400 * (i + 1), ...row].join()));
      },
    };
    own[kind]?.();
  });

  it("has a README with a row for each option", async () => {
    const plugin = await moduleOf(join(place(), "index.js"));
    const readme = text(place(), "README.md");
    const rows = [...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, option]) => option);
    expect(rows).toEqual(Object.keys(plugin.options));
    const [, written = ""] = /^In a run's spec: `\{?(.+)`\.$/m.exec(readme) ?? [];
    const [chosen] = [Object.values(JSON.parse(`{${written}}`) as object)[0] as object].flat();
    expect(chosen).toMatchObject({ use: "first-try" });
  });
});

describe("everlearn new", () => {
  const create = (cwd: string, ...args: string[]) => everlearn(["new", ...args], { cwd });

  it("names a package in a scope", async () => {
    const cwd = folder();
    expect((await create(cwd, "buffer", "mine", "--scope", "@me")).status).toBe(0);
    expect(manifestOf(join(cwd, "buffer-mine"))).toMatchObject({ name: "@me/everlearn-buffer-mine" });
    expect(text(cwd, "buffer-mine/README.md")).toContain("npm install @me/everlearn-buffer-mine");
  });

  it("writes a single file into a folder of the user's own, which a spec can use at once", async () => {
    const cwd = folder();
    const { status, stdout } = await create(cwd, "learner", "mine", "--in", "src/learners");
    expect(status).toBe(0);
    expect(readdirSync(cwd)).toEqual(["src"]);
    expect(readdirSync(join(cwd, "src/learners"))).toEqual(["learner-mine.mjs"]);
    const [, choice = ""] = /use it in a spec in this folder, as (.+)\n$/.exec(stdout) ?? [];
    expect(choice).toBe('"learner": { "use": "./src/learners/learner-mine.mjs", "alpha": 0.1 }');
    const rest =
      '"stream": { "use": "rotated", "tasks": 2, "examplesPerTask": 100 }, "buffer": { "use": "reservoir", "capacity": 50 }';
    writeFileSync(join(cwd, "spec.json"), `{ "name": "own", ${rest}, ${choice} }`);
    expect(await everlearn(["run", "spec.json"], { cwd })).toMatchObject({ status: 0, stderr: "" });
    expect(checkComplaint(await create(cwd, "learner", "mine", "--in", "src/learners"))).toMatch(
      /^src.learners.learner-mine\.mjs already exists; choose another name, or move it away\.$/,
    );
  });

  it.each<[kind: Kind, name: string, identifier: string]>([
    ["learner", "2nd", "learner2nd"],
    ["learner", "delete", "learnerDelete"],
    ["learner", "batch", "learnerBatch"],
    ["network", "rows", "networkRows"],
    ["dataset", "split", "datasetSplit"],
    ["tracker", "join", "trackerJoin"],
    ["metric", "a-b2-c", "aB2C"],
  ])("finds a function's name for the %s %s", async (kind, name, identifier) => {
    const cwd = scratch(); // within the repository, where the contracts are found
    expect((await create(cwd, kind, name, "--in", "names")).status).toBe(0);
    expect(await moduleOf(join(cwd, "names", `${kind}-${name}.mjs`))).toMatchObject({ name, created: [identifier] });
  });

  it.each<[args: string[], says: string]>([
    [["lerner", "mine"], `There is no kind of plugin called "lerner"; the kinds are ${kinds.join(", ")}.`],
    [
      ["learner", "My Learner!"],
      'A plugin\'s name is 1 to 64 letters a-z and digits, with hyphens between them, such as "my-learner".',
    ],
    [
      ["learner", "a--b"],
      'A plugin\'s name is 1 to 64 letters a-z and digits, with hyphens between them, such as "a-b".',
    ],
    [
      ["learner", "../up"],
      'A plugin\'s name is 1 to 64 letters a-z and digits, with hyphens between them, such as "up".',
    ],
    [["learner", "ü"], "A plugin's name is 1 to 64 letters a-z and digits, with hyphens between them."],
    [
      ["learner", "a".repeat(65)],
      `A plugin's name is 1 to 64 letters a-z and digits, with hyphens between them, such as "${"a".repeat(64)}".`,
    ],
    [["learner", "learner-mine"], 'The package\'s name already says "learner"; call the plugin "mine".'],
    [["learner", "mer"], 'Package "@everlearn/learner-mer" already offers the learner "mer"; choose another name.'],
    [["learner", "mine", "--scope", "me"], 'A scope is "@" and a name in lower case, such as "@me"; "me" is not.'],
    [["learner", "mine", "--scope", "@me", "--in", "src"], "A single file has no scope; use either --scope or --in."],
    [["learner"], "missing required argument 'name'; see everlearn --help."],
  ])("refuses %j", async (args, says) => {
    const cwd = folder();
    expect(checkComplaint(await create(cwd, ...args))).toBe(says);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("overwrites nothing", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "learner-mine"));
    writeFileSync(join(cwd, "buffer-mine"), "precious");
    for (const kind of ["learner", "buffer"])
      expect(checkComplaint(await create(cwd, kind, "mine"))).toBe(
        `${kind}-mine already exists; choose another name, or move it away.`,
      );
    expect(readdirSync(join(cwd, "learner-mine"))).toEqual([]);
    expect(text(cwd, "buffer-mine")).toBe("precious");
  });

  it("says where it may not write", async () => {
    const cwd = folder();
    chmodSync(cwd, 0o555);
    const ended = await everlearn(["new", "learner", "mine"], { cwd, unprivileged: true });
    expect(checkComplaint(ended)).toBe("learner-mine cannot be written (EACCES).");
  });
});
