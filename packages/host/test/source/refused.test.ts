import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SpecError } from "@everlearn/contracts";
import { resolvePlugin } from "../../src/index.js";
import { sourceVersion, UnloadableError } from "../../src/source.js";
import { tree } from "../../../records/test/folder.js";

/** Why the first of these files has no version, with paths from its folder; "" where it has one. */
function refusal(files: Record<string, string | Uint8Array>): string {
  const root = tree(files);
  try {
    expect(sourceVersion(join(root, Object.keys(files)[0]))).toMatch(/^[0-9a-f]{16}$/);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(SpecError);
    return (error as SpecError).message.replaceAll(`${root}/`, "");
  }
}

const list = 'list the files that it may lead to in plugin.mjs: export const files = ["./rates.json"]';

describe("what only running a module tells", () => {
  it("is refused by a sentence with file, line and what to do", () => {
    expect(
      refusal({ "plugin.mjs": 'import "./lib/old.cjs";\n', "lib/old.cjs": "const name = 1;\n\nrequire(name);\n" }),
    ).toBe(
      `lib/old.cjs:3: require(name) may lead to any file, so that a change in one would go unnoticed; write the path as a plain string in import(), require() or new URL(…, import.meta.url), or ${list}.`,
    );
  });

  it.each([
    ["import(name)", "import(name)"],
    ["const f = (n) => import(`./${n}.js`);", "import(`./${n}.js`)"],
    ['import("./a" + ".js");', 'import("./a" + ".js")'],
    ['import(new URL("./tool", import.meta.url));', 'import(new URL("./tool", import.meta.url))'],
    ['import(new URL("./x.wasm", import.meta.url));', 'import(new URL("./x.wasm", import.meta.url))'],
    ["new URL(name, import.meta.url);", "new URL(name, import.meta.url)"],
    ["new URL(`./${n}.json`, import.meta.url);", "new URL(`./${n}.json`, import.meta.url)"],
    ["import.meta.resolve(name);", "import.meta.resolve(name)"],
    ['import.meta.resolve("./a.js", other);', 'import.meta.resolve("./a.js", other)'],
    ['join(import.meta.dirname, "a.json");', 'join(import.meta.dirname, "a.json")'],
    ["fileURLToPath(import.meta.url);", "fileURLToPath(import.meta.url)"],
    ["const here = import.meta.url;", "import.meta.url"],
    ["const { url } = import.meta;", "{ url } = import.meta"],
    ["give(import.meta);", "give(import.meta)"],
    ["import.meta[name];", "import.meta[name]"],
    ["const f = import.meta.resolve;", "import.meta.resolve"],
    ["createRequire(folder);", "createRequire(folder)"],
    ["createRequire(import.meta.url)(name);", "createRequire(import.meta.url)(name)"],
    ["const load = createRequire(import.meta.url); load(name);", "load(name)"],
    ["const load = createRequire(import.meta.url); give(load);", "give(load)"],
    ["give(createRequire(import.meta.url));", "give(createRequire(import.meta.url))"],
    ['import { createRequire as other } from "module";', "createRequire as other"],
    ['const { createRequire: other } = await import("module");', "createRequire: other"],
    ["const other = createRequire;", "other = createRequire"],
    ["const other = m.createRequire;", "other = m.createRequire"],
    ['register("./hooks.mjs", import.meta.url);', 'register("./hooks.mjs", import.meta.url)'],
    ["const a = { url: import.meta.url };", "import.meta.url"],
  ])("in %s", (source, shown) => {
    const said = refusal({ "plugin.mjs": source, "a.json": "1", "a.js": "" });
    expect(said).toMatch(/^plugin\.mjs:1: /);
    expect(said).toContain(`: ${shown} may lead to any file`);
    expect(refusal({ "plugin.mjs": `${source}\nexport const files = [];` })).toBe("");
  });

  it.each([
    ["require(name);", "require(name)"],
    ["require();", "require()"],
    ["require(`./${name}`);", "require(`./${name}`)"],
    ["require.resolve(name);", "require.resolve(name)"],
    ['require.resolve.paths("a");', 'require.resolve.paths("a")'],
    ["const load = require;", "load = require"],
    ["const { require: load } = module;", "require: load"],
    ["const { resolve } = require;", "{ resolve } = require"],
    ["new require(name);", "new require(name)"],
    ['require(...["./a"]);', 'require(...["./a"])'],
    ["require[name];", "require[name]"],
    ["module.require(name);", "module.require(name)"],
    ["process.mainModule.require(name);", "process.mainModule.require(name)"],
    ["give(module.require);", "give(module.require)"],
    ["module.exports = { require };", "require"],
    ['fs.readFileSync(__dirname + "/a.json");', 'fs.readFileSync(__dirname + "/a.json")'],
    ["`${__dirname}/a.json`;", "`${__dirname}/a.json`"],
    ["const here = __filename;", "here = __filename"],
  ])("in CommonJS's %s", (source, shown) => {
    const said = refusal({ "plugin.mjs": 'import "./old.cjs";', "old.cjs": source });
    expect(said).toContain(`old.cjs:1: ${shown} may lead to any file`);
    expect(refusal({ "plugin.mjs": 'import "./old.cjs"; export const files = [];', "old.cjs": source })).toBe("");
    expect(refusal({ "plugin.mjs": 'import "./old.cjs";', "old.cjs": `${source}\nexports.files = [];` })).toBe("");
  });

  it.each([
    "import.meta.url === other; other !== import.meta.filename; if (fileURLToPath(import.meta.url) == process.argv[1]) start();",
    "await run({}, { from: import.meta.url });",
    "typeof import.meta.resolve; typeof createRequire; import.meta.env; import.meta.main;",
    'const o = { require: 1, createRequire: 2, __dirname: 3, url: "import(name)" }; o.require; o.require(1); o.__dirname;',
    "class A { require() {} __dirname = 1; static createRequire() {} }",
    'import require from "node:fs"; import { a as __dirname } from "node:os"; function f(require, __filename) {}',
    "// import(name) require(name) __dirname\n/* new URL(name, import.meta.url) */ const text = 'require(name)' + `import(name) __dirname`; /require(name)/;",
    'const require = createRequire(import.meta.url); require("node:fs"); require.main; delete require.cache[1];',
    "new URL(name, base); new URL(name);",
    'new URL("https://example.org/x", import.meta.url);',
    'import("https://example.org/x.js");',
  ])("but not what leads to no file: %s", (source) => {
    expect(refusal({ "plugin.mjs": source })).toBe("");
  });

  it("is refused of folders, of modules in URLs and of WebAssembly that is imported", () => {
    const files = { "data/x.json": "1", "x.wasm": "" };
    const folder = `leads to a folder, in which any file may be meant; name the file, or ${list}.`;
    for (const path of ["./data", "./data/", "./new/", ".", "..", "./", ""])
      expect(refusal({ "plugin.mjs": `new URL("${path}", import.meta.url);`, ...files })).toBe(
        `plugin.mjs:1: "${path}" ${folder}`,
      );
    expect(refusal({ "plugin.mjs": 'import "data:text/javascript,import(name)";' })).toBe(
      `plugin.mjs:1: "data:text/javascript,import(name)" is a module within a URL, which is not followed; write it into a file, or ${list}.`,
    );
    expect(refusal({ "plugin.mjs": 'import "./x.wasm";', ...files })).toBe(
      `plugin.mjs:1: "./x.wasm" is imported as a module, whose own imports are not followed; compile the bytes of new URL(…, import.meta.url) instead, or ${list}.`,
    );
    expect(refusal({ "plugin.mjs": 'read(new URL("./x.wasm", import.meta.url));', ...files })).toBe("");
  });

  it("is told ten times at most, once a line", () => {
    const said = refusal({ "plugin.mjs": "import(a); import(b);\n".repeat(25) }).split("\n");
    expect(said.map((line) => line.slice(0, 14))).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `plugin.mjs:${i + 1}: `.slice(0, 14)),
      "… and 15 more.",
    ]);
    expect(refusal({ "plugin.mjs": `import(${"long + ".repeat(1000)}name);` }).length).toBeLessThan(500);
  });
});

describe("a list of files", () => {
  it("makes what is computed known: each of them counts, with all that it leads to", () => {
    const root = tree({
      "plugin.mjs":
        'export const load = (name) => import(name);\nexport const files = ["./a.mjs", "rates/b.json", `../c.bin`];',
      "a.mjs": 'import "./d.mjs";',
      "rates/b.json": "1",
      "../c.bin": "1",
      "d.mjs": "import(other);",
      "e.mjs": "",
    });
    const seen = new Set([sourceVersion(join(root, "plugin.mjs"))]);
    for (const [i, name] of ["d.mjs", "a.mjs", "rates/b.json", "../c.bin", "e.mjs"].entries()) {
      writeFileSync(join(root, name), `${i}`);
      seen.add(sourceVersion(join(root, "plugin.mjs")));
    }
    expect(seen.size).toBe(5);
  });

  it.each([
    'export const files = ["./a.json"] as const;',
    'export const files: readonly string[] = ["./a.json"] satisfies string[];',
    'export let other = 1, files = <string[]>["./a.json"];',
    'exports.files = ["./a.json"];',
    'module.exports.files = ["./a.json"];',
  ])("may be written as %s", (written) => {
    const root = tree({ "plugin.ts": `import(name);\n${written}`, "a.json": "1" });
    const before = sourceVersion(join(root, "plugin.ts"));
    writeFileSync(join(root, "a.json"), "2");
    expect(sourceVersion(join(root, "plugin.ts"))).not.toBe(before);
  });

  it.each([
    "const files = []; export { files };",
    "export const files = readdirSync(folder);",
    'export const files = ["./a.json", name];',
    'export const files = [..."./a.json"];',
    "export const files = [,];",
    "export const other = [];",
    "function f() { exports.files = []; }",
    "other.files = [];",
  ])("is none in %s", (written) => {
    expect(refusal({ "plugin.mjs": `import(name);\n${written}`, "a.json": "1" })).toContain(
      "plugin.mjs:1: import(name) may",
    );
  });

  it("must be right", () => {
    expect(refusal({ "plugin.mjs": 'export const files = ["./a.json", "./data"];', "data/x": "" })).toBe(
      'plugin.mjs:1 lists "./a.json" among its files, which is not there; correct the path.\n' +
        'plugin.mjs:1 lists "./data" among its files, which is a folder; list its files.',
    );
  });

  it("of a module counts for itself, that of the plugin for all", () => {
    const files = {
      "plugin.mjs": 'import "./a.mjs"; import "./b.mjs";',
      "a.mjs": "import(x); export const files = [];",
      "b.mjs": "",
    };
    expect(refusal(files)).toBe("");
    expect(refusal({ ...files, "b.mjs": "import(x);" })).toContain("b.mjs:1: import(x) may lead");
    expect(refusal({ ...files, "plugin.mjs": "export const files = [];", "b.mjs": "import(x);" })).toBe("");
  });
});

describe("what cannot be loaded", () => {
  const complaint = async (files: Record<string, string>, use = "./plugin.mjs") => {
    const root = tree(files);
    const error: unknown = await resolvePlugin("learner", use, [root]).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(SpecError);
    return (error as SpecError).message.replaceAll(`${root}/`, "");
  };
  const plugin = 'export default { kind: "learner", name: "a", contract: 2, options: {}, create() {} };';

  it("is left to Node to tell, and refused where Node does not mind", async () => {
    expect(await complaint({ "plugin.mjs": 'import "./none.mjs";' })).toMatch(
      /^The learner "\.\/plugin\.mjs" cannot be loaded: Cannot find module .*; was it built\?\.$/,
    );
    expect(await complaint({ "plugin.mjs": 'import "./a.mjs";', "a.mjs": "export default {,};" })).toMatch(
      /^The learner "\.\/plugin\.mjs" cannot be loaded: /,
    );
    expect(
      await complaint({ "plugin.mjs": 'export const f = () => import("./a.mjs");\n' + plugin, "a.mjs": "export {,};" }),
    ).toBe(`a.mjs cannot be parsed: Unexpected token (1:8); correct that, or, where this Node.js runs it, ${list}.`);
  });

  it("may be missing where a module can do without it, and is noticed when it comes", () => {
    const root = tree({
      "plugin.mjs":
        'import("./a.mjs").catch(() => {}); new URL("./b.json", import.meta.url); import("./d.mjs").catch(() => {});',
      "d.mjs": 'import "./none.mjs"; import "none";',
    });
    const version = () => sourceVersion(join(root, "plugin.mjs"));
    const versions = [version()];
    for (const name of ["a.mjs", "b.json", "none.mjs"]) {
      writeFileSync(join(root, name), "1");
      versions.push(version());
    }
    mkdirSync(join(root, "node_modules/none"), { recursive: true });
    writeFileSync(join(root, "node_modules/none/package.json"), '{"name": "none", "version": "1.0.0"}');
    versions.push(version());
    expect(new Set(versions).size).toBe(5);
  });

  it("is said of a name that only some loader finds", () => {
    const root = tree({ "train.ts": 'import { a } from "@/a";\nimport { B } from "./b.js";' });
    expect(() => sourceVersion(join(root, "train.ts"))).toThrow(UnloadableError);
    expect(() => sourceVersion(join(root, "train.ts"))).toThrow(
      /train\.ts:1: "@\/a" is not found by the rules of Node\.js; correct or install it, write import type where it is one, or list [^]*\n.*train\.ts:2: "\.\/b\.js" is not found/,
    );
  });
});

describe("files that are none", () => {
  const entry = (root: string) => () => sourceVersion(join(root, "plugin.mjs"));
  const readsX = 'new URL("./x.json", import.meta.url);';

  it.skipIf(!existsSync("/dev/zero"))("are refused at once: devices and pipes", async () => {
    const root = tree({ "plugin.mjs": 'import "./x.mjs";' });
    await expect(resolvePlugin("learner", "/dev/zero", [root])).rejects.toThrow("/dev/zero is not a regular file.");
    execFileSync("mkfifo", [join(root, "pipe.mjs")]);
    await expect(resolvePlugin("learner", "./pipe.mjs", [root])).rejects.toThrow("pipe.mjs is not a regular file.");
    execFileSync("mkfifo", [join(root, "x.mjs")]);
    expect(entry(root)).toThrow(/plugin\.mjs:1 leads to .*x\.mjs, which is not a regular file\.$/);
    writeFileSync(join(root, "plugin.mjs"), readsX);
    symlinkSync("/dev/zero", join(root, "x.json"));
    expect(entry(root)).toThrow("plugin.mjs:1 leads to /dev/zero, which is not a regular file.");
    writeFileSync(join(root, "plugin.mjs"), `export const files = ["./x.json"];`);
    expect(entry(root)).toThrow("plugin.mjs:1 leads to /dev/zero, which is not a regular file.");
  });

  it("are refused where they are too large", () => {
    const root = tree({ "plugin.mjs": readsX, "x.json": "1" });
    truncateSync(join(root, "x.json"), 20 * 1024 ** 2);
    expect(entry(root)()).toMatch(/^[0-9a-f]{16}$/);
    truncateSync(join(root, "x.json"), 1024 ** 3 + 1);
    expect(entry(root)).toThrow("x.json, which is larger than 1024 MiB, the most that is read of data.");
    truncateSync(join(root, "plugin.mjs"), 16 * 1024 ** 2 + 1);
    expect(entry(root)).toThrow("plugin.mjs is larger than 16 MiB, the most that is read of code.");
  });

  it("are told apart from what is not there", async () => {
    const root = tree({ "plugin.mjs": readsX });
    symlinkSync("x.json", join(root, "x.json")); // it leads to itself
    expect(entry(root)()).toMatch(/^[0-9a-f]{16}$/);
    rmSync(join(root, "plugin.mjs"));
    for (const [use, code] of [
      ["./plugin.mjs", "ENOENT"],
      ["./x.json", "ELOOP"],
      [`./${"a".repeat(300)}`, "ENAMETOOLONG"],
      ["./a\0b", "ERR_INVALID_ARG_VALUE"],
    ])
      await expect(resolvePlugin("learner", use, [root])).rejects.toThrow(
        `cannot be read (${code}); its path is relative`,
      );
  });
});
