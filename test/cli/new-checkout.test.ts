import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { json, type Manifest, root } from "../workspace.js";
import { everlearn, folder } from "./everlearn.js";
import { npm, pack } from "./npm.js";

const execute = promisify(execFile);
const { version, dependencies = {} } = json("packages/cli/package.json") as Manifest;
const manifestOf = (place: string) => JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as object;

describe("a package made with a checkout", () => {
  const place = folder();
  const own = join(place, "learner-plain");
  const source = () => readFileSync(join(own, "index.js"), "utf8");

  beforeAll(async () => {
    await everlearn(["new", "learner", "plain"], { cwd: place });
    await npm(own, "install");
  });

  it("is told how to take from npm what it takes from there", async () => {
    const { stdout } = await everlearn(["new", "tracker", "told"], { cwd: place });
    const [, command = ""] =
      /^Once everlearn is on npm, replace them: (npm install --save-dev .+)$/m.exec(stdout) ?? [];
    const { devDependencies } = manifestOf(join(place, "tracker-told")) as { devDependencies: object };
    expect(command.split(" ").slice(3)).toEqual(Object.keys(devDependencies).map((name) => `${name}@latest`));
  });

  it("is neither tested nor packed with a mistake in its types", async () => {
    const right = source();
    writeFileSync(join(own, "index.js"), right.replace('kind: "learner"', 'kind: "lerner"'));
    for (const command of ["test", "pack"])
      await expect(npm(own, command)).rejects.toMatchObject({ stdout: expect.stringContaining('"lerner"') as string });
    writeFileSync(join(own, "index.js"), right);
  });

  it("is tested and packed without any types too", async () => {
    const plain = source()
      .replace("// @ts-check\n", "")
      .replaceAll(/\/\*\*[^]*?\*\/ ?/g, "");
    expect(plain).not.toMatch(/@|\/\*/);
    writeFileSync(join(own, "index.js"), plain);
    expect(await npm(own, "test")).toMatch(/^# pass 1$/m);
    const { paths } = await pack(own);
    expect(paths).toContain("index.d.ts");
  });

  it("is installed, packed, where the same checkout is", async () => {
    const { filename } = await pack(own);
    const user = folder();
    writeFileSync(join(user, "package.json"), "{}");
    await npm(user, "install", join(root, "packages/cli"), join(root, "packages/contracts"), join(own, filename));
    const { stdout } = await execute("npx", ["--offline", "everlearn", "list", "learner"], { cwd: user });
    expect(stdout).toMatch(/^learner +plain .+ everlearn-learner-plain +yes/m);
  });
});

describe("a package made with an installed command", () => {
  /** A project in which npm would have installed the command. */
  function project(): string {
    const cwd = folder();
    const place = (name: string) => {
      const path = join(cwd, "node_modules", name);
      mkdirSync(dirname(path), { recursive: true });
      return path;
    };
    for (const part of ["bin", "dist", "src", "package.json"])
      cpSync(join(root, "packages/cli", part), join(place("everlearn"), part), { recursive: true });
    for (const name of [...Object.keys(dependencies), "@everlearn/conformance"])
      symlinkSync(join(root, "node_modules", name), place(name));
    return cwd;
  }

  it("takes everything from npm", async () => {
    const cwd = project();
    const command = join(cwd, "node_modules/everlearn/bin/everlearn.js");
    const { stdout } = await execute(process.execPath, [command, "new", "tracker", "mine"], { cwd });
    expect(stdout).not.toContain("checkout");
    expect(manifestOf(join(cwd, "tracker-mine"))).toMatchObject({
      peerDependencies: { "@everlearn/contracts": `^${dependencies["@everlearn/contracts"]}` },
      devDependencies: {
        "@everlearn/conformance": "*",
        "@types/node": "^20",
        everlearn: `^${version}`,
        typescript: ">=5.5",
      },
    });
  });
});
