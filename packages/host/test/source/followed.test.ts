import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sourceVersion } from "../../src/source.js";
import { tree } from "../../../records/test/folder.js";

type Files = Record<string, string>;

/** Which of the files a change in would be noticed, each changed by itself. */
function noticed(files: Files, entry = Object.keys(files)[0]): string[] {
  const root = tree(files);
  const version = () => sourceVersion(join(root, entry));
  const before = version();
  return Object.entries(files).flatMap(([name, content]) => {
    const changed = name.endsWith("package.json")
      ? content.replace('"version":"1', '"version":"2')
      : name.endsWith(".json")
        ? `[${content}]`
        : `${content}\n// changed`;
    writeFileSync(join(root, name), changed);
    const after = version();
    writeFileSync(join(root, name), content);
    expect(version()).toBe(before);
    return after === before ? [] : [name];
  });
}

describe("a change is noticed in what a module reaches by", () => {
  const esm = 'import { createRequire } from "node:module";\n';
  it.each<[form: string, source: string, target: string]>([
    ["import", 'import "./a/x.js";', "a/x.js"],
    ["import of a name", 'import y, { z as q } from "./a/x.js"; y(q);', "a/x.js"],
    ["import without spaces", 'import{z}from"./a/x.js";z()', "a/x.js"],
    ["import with a comment between", 'import /* from "./y.js" */ y from /* here */ "./a/x.js";', "a/x.js"],
    ["import with a query", 'import "./a/x.js?raw#there";', "a/x.js"],
    ["import of an encoded name", 'import "./a%20b.js";', "a b.js"],
    ["import with escapes", 'import "./\\u0061/x.js";', "a/x.js"],
    ["import from above", 'import "../aside.js";', "../aside.js"],
    ["import of JSON", 'import rates from "./rates.json" with { type: "json" };', "rates.json"],
    ["deferred import", 'import defer * as x from "./a/x.js";', "a/x.js"],
    ["re-export of names", 'export { x } from "./a/x.js";', "a/x.js"],
    ["re-export of all", 'export * from "./a/x.js";', "a/x.js"],
    ["re-export as a name", 'export * as x from "./a/x.js";', "a/x.js"],
    ["dynamic import", 'const x = () => import("./a/x.js");', "a/x.js"],
    ["dynamic import of a template", "await import(`./a/x.js`);", "a/x.js"],
    ["dynamic import with attributes", 'await import("./rates.json", { with: { type: "json" } });', "rates.json"],
    ["dynamic import of a URL", 'await import(new URL("./a/x.js", import.meta.url));', "a/x.js"],
    ["dynamic import of a URL's href", 'await import(new URL("./a/x.js", import.meta.url).href);', "a/x.js"],
    ["new URL", 'read(new URL("./rates.json", import.meta.url));', "rates.json"],
    ["new URL without ./", 'read(new URL("rates.json", import.meta.url));', "rates.json"],
    ["new globalThis.URL", 'read(new globalThis.URL("rates.json", import.meta["url"]));', "rates.json"],
    ["a worker", 'new Worker(new URL("./worker.js", import.meta.url)); // which has', "worker.js"],
    ["import.meta.resolve", 'run(import.meta.resolve("./a/x.js"));', "a/x.js"],
    ["createRequire at once", `${esm}createRequire(import.meta.url)("./old.cjs");`, "old.cjs"],
    ["createRequire of a file name", `${esm}createRequire(import.meta.filename)("./old.cjs");`, "old.cjs"],
    ["createRequire as require", `${esm}const require = createRequire(import.meta.url); require("./old");`, "old.js"],
    ["createRequire as any name", `${esm}const load = createRequire(import.meta.url); load("./rates");`, "rates.json"],
    ["createRequire assigned", `${esm}let load; load = createRequire(import.meta.url); load("./a/x");`, "a/x.js"],
    ["createRequire of a module", 'import m from "module"; m.createRequire(import.meta.url)("./old.cjs");', "old.cjs"],
    ["createRequire's resolve", `${esm}createRequire(import.meta.url).resolve("./old.cjs");`, "old.cjs"],
  ])("%s", (_, source, target) => {
    const files = {
      "own/plugin.mjs": source,
      [join("own", target)]: target.endsWith("json") ? "1" : "0;",
      "own/z.js": "",
    };
    expect(noticed(files)).toEqual(["own/plugin.mjs", join("own", target)]);
  });

  it.each<[form: string, source: string, target: string]>([
    ["require", 'require("./x.cjs");', "x.cjs"],
    ["require of a template", "require(`./x.cjs`);", "x.cjs"],
    ["optional require", 'typeof require === "undefined" || require?.("./x.cjs");', "x.cjs"],
    ["require as TypeScript calls it", '(0, require)("./x.cjs");', "x.cjs"],
    ["module.require", 'module.require("./x.cjs");', "x.cjs"],
    ["require.resolve", 'read(require.resolve("./data.txt"));', "data.txt"],
    ["require of JSON", 'require("./rates.json");', "rates.json"],
    ["require without an ending", 'require("./x");', "x.js"],
    ["require of JSON without an ending", 'require("./x");', "x.json"],
    ["require of a native module", 'require("./x");', "x.node"],
    ["require of a file of any name", 'require("./tool");', "tool"],
    ["require of a folder", 'require("./lib");', "lib/index.js"],
    ["require of a folder of JSON", 'require("./lib/");', "lib/index.json"],
    ["require of the own folder", 'require(".");', "index.js"],
    ["require of the folder above", 'require("..");', "../index.js"],
    ["import from CommonJS", 'import("./x.mjs");', "x.mjs"],
    ["createRequire", 'const { createRequire } = require("module"); createRequire(__filename)("./x.cjs");', "x.cjs"],
    ["what only scripts may say", 'with (Math) var q = 010; require("./x.cjs"); return;', "x.cjs"],
  ])("%s, in CommonJS", (_, source, target) => {
    const files = {
      "own/plugin.mjs": 'import "./old.cjs";',
      "own/old.cjs": source,
      [join("own", target)]: "0",
      "own/z.js": "",
    };
    expect(noticed(files)).toEqual(["own/plugin.mjs", "own/old.cjs", join("own", target)]);
  });

  it("the main file of a folder, and finds it again where its package.json names another one", () => {
    const files = {
      "plugin.mjs": 'import "./old.cjs";',
      "old.cjs": 'require("./lib");',
      "lib/package.json": '{"main": "./one"}',
      "lib/one.js": "1;",
      "lib/two.js": "1;",
    };
    expect(noticed(files)).toEqual(["plugin.mjs", "old.cjs", "lib/one.js"]);
    const versions = ["./one", "./two.js", "."].map((main) =>
      sourceVersion(
        join(tree({ ...files, "lib/package.json": JSON.stringify({ main }), "lib/index.js": "1;" }), "plugin.mjs"),
      ),
    );
    expect(new Set(versions).size).toBe(3);
  });

  it("what require finds, whatever has a name like it", () => {
    const files = { "plugin.mjs": 'import "./old.cjs";', "old.cjs": 'require("./lib"); require("./both");' };
    const beside = { "lib.mjs": "", "lib.cjs": "", "lib.d.mts": "", "lib/index.js": "", "lib/index.json": "1" };
    const both = { "lib.ts": "", "both.js": "", "both.ts": "", "both.json": "1", "both/index.js": "" };
    const seen = ["plugin.mjs", "old.cjs", "lib/index.js", "both.js"];
    expect(noticed({ ...files, ...beside, ...both })).toEqual(seen);
    const { "old.cjs": source, ...others } = { ...files, ...beside, ...both };
    const loadable = ["lib.mjs", "lib.cjs", "lib/index.js", "lib.ts", "both.js", "both.ts", "old.cts"];
    expect(noticed({ ...others, "plugin.mjs": 'import "./old.cts";', "old.cts": source })).toEqual([
      "plugin.mjs",
      ...loadable,
    ]);
  });

  it('names in "imports", for import and for require', () => {
    const imports = {
      "#one": "./lib/one.js",
      "#by/*": { import: "./lib/*.mjs", require: "./lib/*.cjs" },
      "#node": "fs",
      "#other": "other",
    };
    const files = {
      "package.json": JSON.stringify({ name: "mine", version: "1.0.0", type: "module", imports }),
      "src/plugin.js": 'import "#one"; import "#by/a"; import "#node"; import "#other"; import "./old.cjs";',
      "src/old.cjs": 'require("#by/a"); require("#node");',
      "lib/one.js": "",
      "lib/a.mjs": "",
      "lib/a.cjs": "",
      "lib/b.mjs": "",
      "node_modules/other/package.json": '{"name":"other","version":"1.0.0"}',
      "node_modules/other/index.js": "",
    };
    const other = "node_modules/other/package.json";
    expect(noticed(files, "src/plugin.js")).toEqual([
      "src/plugin.js",
      "src/old.cjs",
      "lib/one.js",
      "lib/a.mjs",
      "lib/a.cjs",
      other,
    ]);
  });

  it("the package's own name", () => {
    const files = {
      "package.json": '{"name":"@me/mine","version":"1.0.0","type":"module","exports":{"./*":"./lib/*.js"}}',
      "plugin.js": 'import "@me/mine/x";',
      "lib/x.js": "",
    };
    expect(noticed(files, "plugin.js")).toEqual(["plugin.js", "lib/x.js"]);
  });

  it("TypeScript, by the name that it is compiled to, its own, or none", () => {
    const files = {
      "plugin.ts": `
        import { a } from "./a.js";
        import { b } from "./b.mjs";
        import { c } from "./c.ts";
        import { d } from "./d";
        import { e } from "./e";
        import type { F } from "./f.js";
        import { type G } from "./g.js";
        import h = require("./h.cjs");
        import { I } from "./i.js";
        import { k } from "./k";
        declare const require: any;
        type J = typeof import("./j.js") | typeof require;
        @sealed class K<const T> extends a<T> { constructor(private readonly x = <any>y, @inject() public z?: T) {} }
        const l = async <T,>(x: T) => (await import("./l.js" as string))!.l satisfies T;
        const m = x ? (y) : (z): any => z;
        export const q = (n) => new URL("./n.json" as const, import.meta.url as any)!;`,
      "a.ts": "export const a: number = 1;",
      "b.mts": "",
      "c.ts": "",
      "d.ts": "",
      "e/index.ts": "",
      "f.ts": "",
      "g.d.ts": "",
      "h.cts": "",
      "i.tsx": 'export const i = <p title="x">{require("./j.js")}</p>;',
      "j.ts": "",
      "k.tsx": "",
      "k.mjs": "",
      "k/index.ts": "",
      "l.ts": "",
      "n.json": "1",
    };
    expect(noticed(files)).toEqual(
      Object.keys(files).filter((name) => !["f.ts", "g.d.ts", "k/index.ts"].includes(name)),
    );
  });

  it("TypeScript beside what it was compiled to, for a loader may take either", () => {
    const files = { "plugin.ts": 'import "./a.js";', "a.js": "", "a.ts": "" };
    expect(noticed(files)).toEqual(Object.keys(files));
    expect(noticed({ ...files, "plugin.mjs": 'import "./a.js";' }, "plugin.mjs")).toEqual(["a.js", "plugin.mjs"]);
  });

  it("circles, links and detours", () => {
    const files = {
      "plugin.mjs": 'import "./a/b.mjs"; import "./plugin.mjs"; import "./linked/c.mjs"; import "./link.mjs";',
      "a/b.mjs": 'import "../plugin.mjs"; import "./../a/b.mjs"; import "../x/c.mjs";',
      "x/c.mjs": 'import "./d.mjs";',
      "x/d.mjs": 'import "./c.mjs";',
      "x/e.mjs": "",
    };
    const root = tree(files);
    symlinkSync(join(root, "x"), join(root, "linked"));
    symlinkSync(join(root, "x/e.mjs"), join(root, "link.mjs"));
    symlinkSync(join(root, "plugin.mjs"), join(root, "entry.mjs"));
    const version = () => sourceVersion(join(root, "plugin.mjs"));
    const before = version();
    expect(sourceVersion(join(root, "entry.mjs"))).toBe(before);
    writeFileSync(join(root, "x/e.mjs"), "1;");
    expect(version()).not.toBe(before);
  });
});

describe("packages", () => {
  const installed = (name: string, version?: string) => ({
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
    [`node_modules/${name}/index.js`]: "module.exports = 1;",
  });

  it("count by their name and version, Node's own modules not at all", () => {
    const files = {
      "plugin.mjs": `import "one"; import two from "@my/two/deep.js"; import("three"); import fs from "fs"; import "node:os"; import.meta.resolve("four");
        import { createRequire } from "module"; createRequire(import.meta.url)("five"); import("none").catch(() => {});`,
      ...installed("one", "1.0.0"),
      ...installed("@my/two", "1.0.0"),
      ...installed("three", "1.0.0"),
      ...installed("four", "1.0.0"),
      ...installed("five", "1.0.0"),
      ...installed("six", "1.0.0"),
      ...installed("os", "1.0.0"),
    };
    expect(noticed(files)).toEqual([
      "plugin.mjs",
      ...["one", "@my/two", "three", "four", "five"].map((name) => `node_modules/${name}/package.json`),
    ]);
  });

  it("of no version count by their files", () => {
    expect(noticed({ "plugin.mjs": 'import "one";', ...installed("one") })).toEqual([
      "plugin.mjs",
      "node_modules/one/index.js",
    ]);
  });

  it("are those that the importing module finds, by whatever name they are installed", () => {
    const root = tree({
      "plugin.mjs": 'import "one";',
      ...installed("one", "1.0.0"),
      "lib/x.mjs": "",
    });
    const version = () => sourceVersion(join(root, "plugin.mjs"));
    const before = version();
    renameSync(join(root, "node_modules/one"), join(root, "one"));
    mkdirSync(join(root, "node_modules/one"));
    writeFileSync(join(root, "node_modules/one/package.json"), '{"name":"other","version":"1.0.0"}');
    const aliased = version();
    expect(aliased).not.toBe(before);
    rmSync(join(root, "node_modules/one"), { recursive: true });
    symlinkSync(join(root, "one"), join(root, "node_modules/one"));
    expect(version()).toBe(before);
  });
});

describe("two trees", () => {
  const version = (files: Files) => sourceVersion(join(tree(files), "plugin.mjs"));

  it("have one version wherever they stand", () => {
    const files = { "plugin.mjs": 'import "./a.mjs"; import "../b.mjs";', "a.mjs": "", "../b.mjs": "" };
    const at = (folder: string) =>
      sourceVersion(
        join(
          tree(Object.fromEntries(Object.entries(files).map(([name, text]) => [join(folder, name), text]))),
          folder,
          "plugin.mjs",
        ),
      );
    expect(at("one")).toMatch(/^[0-9a-f]{16}$/);
    expect(at("other folder/deep")).toBe(at("one"));
  });

  it("have two where the same bytes are cut, named or read otherwise", () => {
    const head = 'import "./a.mjs"; import "./b.mjs";';
    const versions = [
      { "plugin.mjs": head, "a.mjs": "1;2;", "b.mjs": "" },
      { "plugin.mjs": head, "a.mjs": "1;", "b.mjs": "2;" },
      { "plugin.mjs": head, "a.mjs": "", "b.mjs": "1;2;" },
      { "plugin.mjs": 'import "./a.mjs"; import "./c.mjs";', "a.mjs": "1;", "c.mjs": "2;" },
      { "plugin.mjs": 'import("./a.mjs"); import("./b.mjs");', "a.mjs": "1;" },
      { "plugin.mjs": 'import("./a.mjs"); import("./b.mjs");', "b.mjs": "1;" },
      { "plugin.mjs": 'import "./a.js";', "a.js": "this;" },
      { "plugin.mjs": 'import "./a.js";', "a.js": "this;", "package.json": '{"type": "module"}' },
      { "plugin.mjs": 'import "./a.js";', "a.js": "this;", "package.json": '{"type": "commonjs"}' },
    ].map(version);
    expect(new Set(versions).size).toBe(versions.length);
  });

  it("have two where links in them are exchanged", () => {
    const versions = [
      ["x", "y"],
      ["y", "x"],
    ].map(([a, b]) => {
      const root = tree({ "plugin.mjs": 'import "./a.mjs"; import "./b.mjs";', "x.mjs": "1;", "y.mjs": "2;" });
      symlinkSync(join(root, `${a}.mjs`), join(root, "a.mjs"));
      symlinkSync(join(root, `${b}.mjs`), join(root, "b.mjs"));
      return sourceVersion(join(root, "plugin.mjs"));
    });
    expect(versions[0]).not.toBe(versions[1]);
  });
});
