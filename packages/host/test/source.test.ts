import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { resolvePlugin } from "../src/index.js";
import { sourceVersion } from "../src/source.js";

let folder: string;
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
const version = () => sourceVersion(join(folder, "plugin.mjs"));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "everlearn-source-"));
  write("plugin.mjs", 'import { a } from "./a.mjs";\nexport default a;\n');
  write("a.mjs", 'export * from "./b.mjs";\nexport const c = () => import("./c.mjs");\n');
  write("b.mjs", 'import "./plugin.mjs"; // a circle\nexport const a = 1;\n');
  write("c.mjs", "export const c = 1;\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each(["plugin.mjs", "a.mjs", "b.mjs", "c.mjs"])("changes where %s does", (name) => {
  const before = version();
  expect(version()).toBe(before);
  expect(before).toMatch(/^[0-9a-f]{16}$/);
  write(name, `${name === "plugin.mjs" ? 'import "./a.mjs";' : ""}// other\n`);
  expect(version()).not.toBe(before);
});

it("leaves it to loading to say what is missing or wrong, with the plugin's path", async () => {
  rmSync(join(folder, "c.mjs"));
  expect(version()).toMatch(/^[0-9a-f]{16}$/);
  write("plugin.mjs", "export default {,};\n");
  await expect(resolvePlugin("learner", "./plugin.mjs", [folder])).rejects.toThrow(
    'The learner "./plugin.mjs" cannot be loaded: ',
  );
});
