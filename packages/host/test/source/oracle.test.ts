import { execFileSync } from "node:child_process";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sourceVersion } from "../../src/source.js";
import { tree } from "../../../records/test/folder.js";

/** A file that answers its own value and those of the files that it reaches, each in one of the ways that there are. */
interface Part {
  readonly folder: string;
  readonly ending: "mjs" | "cjs" | "json";
  readonly value: number;
  /** How far on in the list, and which way is taken there. */
  readonly edges: readonly { readonly step: number; readonly way: number }[];
}

const ways: Record<string, ((path: string) => string)[]> = {
  "mjs mjs": [
    (path) => `(await import("${path}")).default`,
    (path) => `(await import(new URL("${path}", import.meta.url).href)).default`,
    (path) => `(await import(import.meta.resolve("${path}"))).default`,
  ],
  "mjs cjs": [
    (path) => `(await import("${path}")).default`,
    (path) => `createRequire(import.meta.url)("${path}")`,
    (path) => `load("${path}")`,
  ],
  "mjs json": [
    (path) => `(await import("${path}", { with: { type: "json" } })).default`,
    (path) => `JSON.parse(readFileSync(new URL("${path}", import.meta.url), "utf8"))`,
    (path) => `load("${path.replace(/\.json$/, "")}")`,
  ],
  "cjs cjs": [
    (path) => `require("${path}")`,
    (path) => `require(require.resolve("${path}"))`,
    (path) => `module.require("${path}")`,
  ],
  "cjs json": [
    (path) => `require("${path.replace(/\.json$/, "")}")`,
    (path) => `JSON.parse(require("fs").readFileSync(require.resolve("${path}"), "utf8"))`,
  ],
};

const head =
  'import { readFileSync } from "node:fs";\nimport { createRequire } from "node:module";\nconst load = createRequire(import.meta.url);\n';

function filesOf(parts: readonly Part[]): Record<string, string> {
  const named = parts.map(({ folder, ending }, i) => join(folder, `f${i}.${ending}`));
  return Object.fromEntries(
    parts.map(({ ending, value, edges }, i) => {
      const terms = edges.flatMap(({ step, way }) => {
        const known = ways[`${ending} ${parts[i + step]?.ending}`];
        if (known === undefined) return [];
        const path = relative(dirname(named[i]), named[i + step]);
        return known[way % known.length](path.startsWith(".") ? path : `./${path}`);
      });
      const sum = [value, ...terms].join(" + ");
      const source = { mjs: `${head}export default ${sum};\n`, cjs: `module.exports = ${sum};\n`, json: `${value}` };
      return [named[i], source[ending]];
    }),
  );
}

/** What Node says that each module's default export is. */
function answers(modules: readonly string[]): number[] {
  const script = `
    import { pathToFileURL } from "node:url";
    const all = [];
    for (const module of ${JSON.stringify(modules)}) all.push((await import(pathToFileURL(module).href)).default);
    console.log(JSON.stringify(all));`;
  const printed = execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  return JSON.parse(printed) as number[];
}

const part = fc.record<Part>({
  folder: fc.constantFrom("", "a", "a/b", "c"),
  ending: fc.constantFrom("mjs", "cjs", "json"),
  value: fc.nat(9),
  edges: fc.array(fc.record({ step: fc.integer({ min: 1, max: 4 }), way: fc.nat(2) }), { maxLength: 3 }),
});
const change = fc.record({ parts: fc.array(part, { minLength: 1, maxLength: 7 }), at: fc.nat(7) });

it("has another version exactly where Node comes to another answer", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 40, maxLength: 40 }), (changes) => {
      const pairs = changes.map(({ parts, at }) => {
        const before = parts.map((part, i): Part => (i === 0 ? { ...part, folder: "", ending: "mjs" } : part));
        const after = before.map((part, i) => (i === at % parts.length ? { ...part, value: part.value + 1 } : part));
        return [before, after].map((parts) => join(tree(filesOf(parts)), "f0.mjs"));
      });
      const said = answers(pairs.flat());
      for (const [i, [before, after]] of pairs.entries())
        expect(sourceVersion(before) === sourceVersion(after)).toBe(said[2 * i] === said[2 * i + 1]);
    }),
    { numRuns: 4, endOnFailure: true },
  );
});
