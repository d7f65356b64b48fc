import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Kind, SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { tree } from "../../records/test/folder.js";
import { installed, resolvePlugin } from "../src/index.js";
import { type Fake, fake } from "./fakes.js";

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
        place: 0,
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

  it("knows by their names packages that announce nothing, and says so where they announce nonsense", async () => {
    const everlearn = (kind: unknown, name: unknown) => ({ manifest: { everlearn: { kind, name } } });
    const silent = { manifest: { everlearn: undefined } };
    const root = tree(
      files(
        { kind: "learner", name: "x", package: "everlearn-learner-two-words", ...silent },
        { kind: "learner", name: "x", package: "@me/everlearn-buffer-mine", ...silent },
        { kind: "learner", name: "x", package: "@everlearn/metric-least", ...silent },
        { kind: "learner", name: "x", package: "@me/learner-other", ...silent },
        { kind: "learner", name: "x", package: "everlearn-theme-dark", ...silent },
        { kind: "learner", name: "x", package: "everlearn-stream-own", ...everlearn("buffer", "renamed") },
        { kind: "learner", name: "x", package: "everlearn-learner-odd", ...everlearn("learners", "odd") },
        { kind: "learner", name: "x", package: "odd", ...everlearn("learner", "Odd one") },
      ),
    );
    const found = await installed([root]);
    expect(found.map(({ kind, name, package: full }) => `${kind} ${name} ${full}`).toSorted()).toEqual([
      "buffer mine @me/everlearn-buffer-mine",
      "buffer renamed everlearn-stream-own",
      "learner odd everlearn-learner-odd",
      "learner two-words everlearn-learner-two-words",
      "metric least @everlearn/metric-least",
    ]);
    expect(found.filter(({ problem }) => problem).map(({ package: full }) => full)).toEqual(["everlearn-learner-odd"]);
    expect(await refusal("learner", "odd", root)).toBe(
      'Package "everlearn-learner-odd" says "everlearn": {"kind":"learners","name":"odd"}; write {"kind":"learner","name":"odd"}, where the kind is one of dataset, stream, scenario, network, optimizer, augmentation, buffer, learner, metric, tracker.',
    );
  });

  it.each<[where: object, range: string, problem: RegExp | undefined]>([
    [{ peerDependencies: { "@everlearn/contracts": "^0.1.0" } }, "^0.1.0", undefined],
    [{ dependencies: { "@everlearn/contracts": "0.1.99" } }, "0.1.99", undefined],
    [{ dependencies: { "@everlearn/contracts": ">=0.0.3 <2" } }, ">=0.0.3 <2", undefined],
    [{ dependencies: { "@everlearn/contracts": "workspace:^" } }, "workspace:^", undefined],
    [{ peerDependencies: { "@everlearn/contracts": "^0.0.9" } }, "^0.0.9", /run "npm install a@latest"\.$/],
    [{ dependencies: { "@everlearn/contracts": "^0.2.0" } }, "^0.2.0", /run "npm install everlearn@latest"\.$/],
    [{ peerDependencies: { "@everlearn/contracts": "^1.0.0" } }, "^1.0.0", /run "npm install everlearn@latest"\.$/],
  ])("tells from %j whether the contracts are those that it was made for", async (manifest, range, problem) => {
    const root = tree(files({ kind: "learner", name: "a", package: "a", version: "3.2.1", manifest: { ...manifest } }));
    const [found] = await installed([root]);
    expect(found.contracts).toBe(range);
    if (problem === undefined) {
      expect(found).not.toHaveProperty("problem");
      expect((await resolvePlugin("learner", "a", [root])).version).toBe("3.2.1");
    } else {
      expect(found.problem).toMatch(problem);
      expect(found.problem).toMatch(
        /^Package "a" 3\.2\.1 was made for @everlearn\/contracts \S+, but here they are \d+\.\d+\.\d+; run /,
      );
      expect(await refusal("learner", "a", root)).toBe(found.problem);
    }
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
      "elsewhere/plugin.mjs":
        'export default { kind: "learner", name: "linked", contract: 2, options: {}, create() {} };',
    });
    symlinkSync(join(root, "elsewhere"), join(root, "node_modules/linked"));
    const byName = await resolvePlugin("buffer", "reservoir", [root]);
    expect(byName).toMatchObject({ package: "@fake/buffer-reservoir", version: "3.0.0" });
    const byPackage = await resolvePlugin("buffer", "@fake/buffer-reservoir", [root]);
    expect(byPackage.plugin).toBe(byName.plugin);
    expect((await resolvePlugin("learner", "linked", [root])).plugin.name).toBe("linked");
  });

  it("loads a path, relative to the spec, and knows a changed file", async () => {
    const source = (name: string) =>
      `export default { kind: "learner", name: "${name}", contract: 2, options: {}, create() {} };`;
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
    const buffer = 'export default { kind: "buffer", name: "b", contract: 2, options: {}, create() {} };';
    const root = tree({ ...files(...learners, reservoir), "b.mjs": buffer });
    expect(await refusal("learner", "reservoir", root)).toBe(
      '"reservoir" is a buffer, not a learner. Installed learners: er, mer, online.',
    );
    expect(await refusal("learner", "@fake/buffer-reservoir", root)).toContain("is a buffer, not a learner");
    expect(await refusal("learner", "./b.mjs", root)).toBe(
      '"./b.mjs" is a buffer, not a learner; name it in the spec\'s "buffer", or let its kind be "learner".',
    );
  });

  it("names both packages that claim one name, each of which can still be had", async () => {
    const root = tree(files(...learners, { kind: "learner", name: "mer", package: "other-mer" }));
    expect(await refusal("learner", "mer", root)).toBe(
      'Packages "@fake/learner-mer" and "other-mer" both offer the learner "mer"; write the package\'s name instead.',
    );
    expect((await resolvePlugin("learner", "other-mer", [root])).package).toBe("other-mer");
  });

  it("takes a package's own name before others' short names, and the nearest of those", async () => {
    const named = (full: string, version: string): Fake => ({ kind: "learner", name: "mer", package: full, version });
    const below = fake(named("everlearn-learner-mer", "3.0.0"));
    const root = tree({
      ...files(named("@fake/learner-mer", "1.0.0"), {
        kind: "learner",
        name: "other",
        package: "mer",
        version: "2.0.0",
      }),
      ...Object.fromEntries(Object.entries(below).map(([path, text]) => [`specs/${path}`, text])),
    });
    const found = async (use: string, ...from: string[]) => {
      const { package: full, version } = await resolvePlugin("learner", use, from);
      return `${full} ${version}`;
    };
    expect(await found("mer", root)).toBe("mer 2.0.0");
    expect(await found("other", root)).toBe("mer 2.0.0");
    rmSync(join(root, "node_modules/mer"), { recursive: true });
    expect(await found("mer", root)).toBe("@fake/learner-mer 1.0.0");
    expect(await found("mer", root, join(root, "specs"))).toBe("@fake/learner-mer 1.0.0");
    expect(await refusal("learner", "mer", join(root, "specs"))).toBe(
      'Packages "everlearn-learner-mer" and "@fake/learner-mer" both offer the learner "mer"; write the package\'s name instead.',
    );
    rmSync(join(root, "node_modules"), { recursive: true });
    expect(await found("mer", root, join(root, "specs"))).toBe("everlearn-learner-mer 3.0.0");
  });

  it("does not take a package for a plugin because it is called like one", async () => {
    const root = tree({
      ...files({ kind: "stream", name: "split" }),
      "node_modules/split/package.json": '{"name": "split"}',
      "node_modules/@me/split/package.json": '{"name": "@me/split"}',
    });
    expect((await resolvePlugin("stream", "split", [root])).package).toBe("@fake/stream-split");
    expect(await refusal("stream", "@me/split", root)).toBe(
      'Package "@me/split" is installed, but its package.json offers no plugin; it lacks "everlearn": {"kind": "stream", "name": "…"}.',
    );
    expect(await refusal("stream", "../split", root)).toContain('"../split" cannot be read (ENOENT)');
    expect(await refusal("stream", "@me/../split", root)).toBe(
      'There is no stream "@me/../split". Installed streams: split.',
    );
  });

  it("refuses a package that holds another plugin than it announces, and paths to nothing", async () => {
    const root = tree({
      ...files({
        kind: "learner",
        name: "b",
        source: fake({ kind: "learner", name: "c" })["node_modules/@fake/learner-c/i.js"],
      }),
    });
    expect(await refusal("learner", "b", root)).toBe(
      'Package "@fake/learner-b" announces the learner "b" in its package.json, but holds "c"; make the two names the same.',
    );
    mkdirSync(join(root, "folder"));
    expect(await refusal("learner", "./none.mjs", root)).toBe(
      'The learner "./none.mjs" cannot be read (ENOENT); its path is relative to the spec.',
    );
    expect(await refusal("learner", "./folder/", root)).toBe(
      'The learner "./folder/" is a folder; write its file, such as "./folder/index.js".',
    );
  });
});
