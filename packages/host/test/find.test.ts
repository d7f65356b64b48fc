import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kind } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { installed, resolvePlugin, SpecError } from "../src/index.js";
import { type Fake, fake, tree } from "./tree.js";

const files = (...all: Fake[]): Record<string, string> => Object.assign({}, ...all.map(fake)) as Record<string, string>;
const learners = ["er", "mer", "online"].map((name): Fake => ({ kind: "learner", name }));
const reservoir: Fake = { kind: "buffer", name: "reservoir" };

async function refusal(kind: Kind, use: string, root: string): Promise<string> {
  const error: unknown = await resolvePlugin(kind, use, [root]).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}

describe("installed", () => {
  it("finds plugins here and above, scoped or not, and runs none of their code", async () => {
    const bomb = { source: "throw new Error('loaded');" };
    const root = tree({
      ...files({ ...reservoir, ...bomb }, { kind: "learner", name: "mine", package: "mine", version: "2.1.0" }),
      "node_modules/.bin/x": "",
      "node_modules/left-pad/package.json": '{"name": "left-pad"}',
      "node_modules/odd/package.json": '{"name": "odd", "everlearn": {"kind": "toaster", "name": "x"}}',
      "node_modules/broken/package.json": "{",
      "node_modules/empty/package.json": "null",
      "sub/deeper/x": "",
    });
    const found = await installed([join(root, "sub/deeper"), root]);
    expect(found.filter(({ directory }) => directory.startsWith(root))).toEqual([
      {
        kind: "buffer",
        name: "reservoir",
        description: "A fake buffer.",
        package: "@fake/buffer-reservoir",
        version: "1.0.0",
        directory: join(root, "node_modules/@fake/buffer-reservoir"),
      },
      expect.objectContaining({ name: "mine", package: "mine", version: "2.1.0" }),
    ]);
  });

  it("prefers the nearest of packages with one name, and what stands first in `from`", async () => {
    const near = fake({ ...reservoir, version: "2.0.0" });
    const root = tree({
      ...files(reservoir),
      ...Object.fromEntries(Object.entries(near).map(([path, text]) => [`sub/${path}`, text])),
    });
    const versions = async (...from: string[]) => (await installed(from)).map(({ version }) => version);
    expect(await versions(join(root, "sub"))).toEqual(["2.0.0"]);
    expect(await versions(root, join(root, "sub"))).toEqual(["1.0.0"]);
  });

  it("sees the workspaces of this repository", async () => {
    const here = fileURLToPath(new URL(".", import.meta.url));
    const names = (await installed([here])).map((plugin) => `${plugin.kind} ${plugin.name} ${plugin.package}`);
    expect(names).toContain("learner mer @everlearn/learner-mer");
  });
});

describe("resolvePlugin", () => {
  it("loads by short name, by package and through links", async () => {
    const root = tree({
      ...files(...learners, { ...reservoir, version: "3.0.0" }),
      "elsewhere/package.json": JSON.stringify({
        name: "linked",
        version: "0.0.1",
        exports: "./plugin.mjs",
        everlearn: { kind: "learner", name: "linked" },
      }),
      "elsewhere/plugin.mjs": 'export default { kind: "learner", name: "linked", options: {}, create() {} };',
    });
    symlinkSync(join(root, "elsewhere"), join(root, "node_modules/linked"));
    const byName = await resolvePlugin("buffer", "reservoir", [root]);
    expect(byName).toMatchObject({ package: "@fake/buffer-reservoir", version: "3.0.0" });
    const byPackage = await resolvePlugin("buffer", "@fake/buffer-reservoir", [root]);
    expect(byPackage.plugin).toBe(byName.plugin);
    expect((await resolvePlugin("learner", "linked", [root])).plugin.name).toBe("linked");
  });

  it("loads a path, relative to the spec, and knows a changed file", async () => {
    const source = (name: string) => `export default { kind: "learner", name: "${name}", options: {}, create() {} };`;
    const root = tree({ "my/first.mjs": source("one"), "specs/x": "" });
    const from = [join(root, "specs"), root];
    const one = await resolvePlugin("learner", "../my/first.mjs", from);
    expect(one).toMatchObject({ plugin: { name: "one" }, package: "../my/first.mjs" });
    expect(one.version).toMatch(/^[0-9a-f]{16}$/);
    writeFileSync(join(root, "my/first.mjs"), source("two"));
    const two = await resolvePlugin("learner", "../my/first.mjs", from);
    expect(two.plugin.name).toBe("two");
    expect(two.version).not.toBe(one.version);
    expect((await resolvePlugin("learner", join(root, "my/first.mjs"), from)).plugin.name).toBe("two");
  });

  it("names what is near, or all there is", async () => {
    const root = tree(files(...learners, reservoir));
    expect(await refusal("learner", "merr", root)).toBe(
      'There is no learner "merr"; did you mean "mer"? Installed learners: er, mer, online.',
    );
    expect(await refusal("learner", "icarl", root)).toBe(
      'There is no learner "icarl". Installed learners: er, mer, online.',
    );
    expect(await refusal("learner", "a\u001b[2J", root)).toContain('"a\\u001b[2J"');
    expect(await refusal("network", "mlp", root)).toBe(
      'There is no network "mlp", and no network is installed; run "npm install @everlearn/network-mlp".',
    );
    expect(await refusal("network", "@me/net", root)).toBe(
      'There is no network "@me/net", and no network is installed; install its package first.',
    );
  });

  it("refuses the wrong kind, however it is named", async () => {
    const buffer = 'export default { kind: "buffer", name: "b", options: {}, create() {} };';
    const root = tree({ ...files(...learners, reservoir), "b.mjs": buffer });
    expect(await refusal("learner", "reservoir", root)).toBe(
      '"reservoir" is a buffer, not a learner. Installed learners: er, mer, online.',
    );
    expect(await refusal("learner", "@fake/buffer-reservoir", root)).toContain("is a buffer, not a learner");
    expect(await refusal("learner", "./b.mjs", root)).toBe('"./b.mjs" is a buffer, not a learner.');
  });

  it("names both packages that claim one name, each of which can still be had", async () => {
    const root = tree(files(...learners, { kind: "learner", name: "mer", package: "other-mer" }));
    expect(await refusal("learner", "mer", root)).toBe(
      'Packages "@fake/learner-mer" and "other-mer" both offer the learner "mer"; write the package\'s name instead.',
    );
    expect((await resolvePlugin("learner", "other-mer", [root])).package).toBe("other-mer");
  });

  it("refuses modules that hold no plugin, or another one than announced", async () => {
    const whole = { kind: "learner", name: "a", options: {}, needs: "buffer" };
    const root = tree({
      ...files({ kind: "learner", name: "a", source: "export const a = 1;" }),
      ...files({
        kind: "learner",
        name: "b",
        source: fake({ kind: "learner", name: "c" })["node_modules/@fake/learner-c/i.js"],
      }),
      "x.mjs": `export default ${JSON.stringify(whole)};`,
      "y.mjs": 'export default { kind: "learner", name: "y", options: { use: {} }, create() {} };',
      "z.mjs": 'export default { kind: "stream", name: "z", options: { of: {} }, create() {} };',
    });
    expect(await refusal("learner", "a", root)).toBe(
      'The default export of "@fake/learner-a" is no plugin: its kind, name, options, create will not do.',
    );
    expect(await refusal("learner", "b", root)).toBe(
      'Package "@fake/learner-b" announces the learner "b" in its package.json, but holds "c".',
    );
    expect(await refusal("learner", "./x.mjs", root)).toContain("its needs, create will not do.");
    expect(await refusal("learner", "./y.mjs", root)).toContain("its options will not do.");
    expect(await refusal("stream", "./z.mjs", root)).toContain("its options will not do.");
    mkdirSync(join(root, "folder"));
    expect(await refusal("learner", "./none.mjs", root)).toBe(
      'The learner "./none.mjs" cannot be read (ENOENT); its path is relative to the spec.',
    );
    expect(await refusal("learner", "./folder", root)).toContain("(EISDIR)");
  });
});
