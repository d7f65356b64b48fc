import { execFile } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createCell } from "@everlearn/composition";
import type { Kind, Need, Plugin } from "@everlearn/contracts";
import { installed, plan, resolvePlugin } from "@everlearn/host";
import { runCell } from "@everlearn/runner";
import { checkOptions, runsOf } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { describeNeeds, optionRows } from "../packages/cli/src/commands/describe.js";
import { scratch } from "./scratch.js";
import { files, load, plugins, read, root } from "./workspace.js";

const execute = promisify(execFile);
const documents = files.filter((path) => path.endsWith(".md"));
const readmes = documents.filter((path) => path.endsWith("README.md"));

interface Block {
  readonly path: string;
  readonly line: number;
  readonly code: string;
}

/** The fenced blocks of one language in all READMEs. */
function blocks(language: string): Block[] {
  const fence = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return readmes.flatMap((path) => {
    const text = read(path);
    return [...text.matchAll(fence)].map((match) => ({
      path,
      line: text.slice(0, match.index).split("\n").length,
      code: match[1],
    }));
  });
}

/** What a block says that it prints: each comment behind a `console.log`, with the comment lines below it. */
function promised(code: string): string[] {
  return [...code.matchAll(/^.*console\.log\(.*\);(?: \/\/ (.*))?\n((?:\/\/ .*\n)*)/gm)]
    .map(([, beside = "", below]) => [beside, ...below.split("\n").map((line) => line.slice(3))].join(" "))
    .map(plain)
    .filter((text) => text !== "");
}

/** Without what is Node's way to print: brackets, quotes, commas, line ends, and the names of typed arrays. */
const plain = (text: string): string =>
  text
    .replaceAll(/\b\w+Array\(\d+\)/g, "")
    .replaceAll(/[[\]{}"',\s]+/g, " ")
    .trim();

describe("the examples", () => {
  const all = blocks("js");
  it.concurrent.for(all)("of $path, line $line, run and print what they say", async ({ path, code }, context) => {
    expect(existsSync(join(root, "packages/host/dist/index.js")), "npm run build comes first").toBe(true);
    const file = join(scratch(context.onTestFinished), "example.mjs");
    writeFileSync(file, code);
    const { stdout, stderr } = await execute(process.execPath, [file], { cwd: root, timeout: 60_000 });
    expect(stderr).toBe("");
    if (path.includes("dataset-mnist") && process.env.EVERLEARN_DATA === undefined) return; // it prints where it looked
    let rest = ` ${plain(stdout)} `;
    for (const text of promised(code)) {
      expect(rest).toContain(` ${text} `);
      rest = rest.slice(rest.indexOf(` ${text} `) + text.length + 1);
    }
  });

  it("are there for every package that is imported, and most say what they print", () => {
    const shown = new Set(blocks("js").map(({ path }) => dirname(path)));
    const silent = readmes.map((path) => dirname(path)).filter((folder) => !shown.has(folder));
    expect(silent.toSorted()).toEqual(["benchmarks", "packages/cli", "packages/kernel-native", "test/oracle"]);
    expect(blocks("js").filter(({ code }) => promised(code).length > 0).length).toBeGreaterThan(10);
  });
});

describe("a plugin of one's own", () => {
  const [lucky] = blocks("js").filter(({ path }) => path === "README.md");

  it("as in README.md is used by a spec beside it", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "lucky.mjs"), lucky.code);
    const spec = (options: object) => ({
      name: "lucky",
      dataset: { use: "glyphs", train: 400, test: 100 },
      stream: { use: "rotated", tasks: 2, examplesPerTask: 400 },
      network: { use: "mlp", hidden: [20] },
      learner: { use: "./lucky.mjs", ...options },
    });
    const file = join(folder, "spec.json");
    const planned = await plan(runsOf(spec({ alpha: 0.05 }), file)[0], { from: [folder] });
    const cell = await createCell(planned, 0);
    const { metrics, examples } = await runCell(cell, { directory: join(folder, "run") });
    await cell.dispose();
    expect(examples).toBe(800);
    expect(metrics.learningAccuracy).toBeGreaterThan(0.3);
    await expect(plan(runsOf(spec({ alpha: -1 }), file)[0], { from: [folder] })).rejects.toThrow("must be > 0");
  });
});

describe("the specs", () => {
  const pages = blocks("json").map((block) => ({ ...block, value: JSON.parse(block.code) as object }));
  const specs = pages.filter(({ value }) => "learner" in value || "runs" in value);

  it.each(specs)("of $path, line $line, can be run", async ({ path, value }) => {
    for (const spec of runsOf(value, path)) {
      const downloaded = spec.dataset.use === "mnist";
      const here = downloaded ? { ...spec, dataset: { use: "glyphs" } } : spec;
      await expect(plan(here, { from: [root] })).resolves.toMatchObject({ specId: expect.any(String) });
    }
  });

  it("are in the first README that people read", () => {
    expect(specs.map(({ path }) => path)).toContain("README.md");
  });

  const choice =
    /`"(dataset|stream|scenario|network|optimizer|augmentation|buffer|learner|metric|tracker)": \[?(\{[^`]*?\})\]?`/g;
  const choices = readmes.flatMap((path) =>
    [...read(path).matchAll(choice)].map(([, kind, value]) => {
      const { use, of: _, ...options } = JSON.parse(value) as { use: string; of?: object };
      return { path, kind: kind as Kind, use, options };
    }),
  );

  it("of one part have options that its plugin takes", async () => {
    expect(choices.length).toBeGreaterThan(plugins.length / 2);
    const known = await installed([root]);
    for (const { path, kind, use, options } of choices) {
      if (use.startsWith("./")) continue; // a file of the reader's own
      const { plugin } = await resolvePlugin(kind, use, [root], known);
      expect(() => checkOptions(plugin, options, path)).not.toThrow();
    }
  });
});

/** The needs of a plugin, whatever its options are. */
function allNeeds({ needs = [], options }: Plugin): readonly Need[] {
  if (typeof needs !== "function") return needs;
  const usual = Object.fromEntries(
    Object.entries(options).flatMap(([name, schema]) => (schema.default === undefined ? [] : [[name, schema.default]])),
  );
  const variants = Object.entries(options).flatMap(([name, schema]) =>
    schema.type === "string" ? (schema.enum ?? []).map((value) => ({ ...usual, [name]: value })) : [],
  );
  return [...new Set(variants.flatMap((variant) => needs(variant)))];
}

describe.each(plugins)("the README of $folder", (one) => {
  const text = read(`${one.folder}/README.md`);
  const withoutTicks = (cell: string) => cell.trim().replaceAll("`", "");

  it("has a row for every option, which says what everlearn describe says, and no other", async () => {
    const [, table = ""] = /^\| option +\| type and range +\|.*\n\|[ |-]+\n((?:\|.*\n)*)/m.exec(text) ?? [];
    const rows = table
      .split("\n")
      .filter((row) => row !== "")
      .map((row) => row.split("|").slice(1, 5).map(withoutTicks));
    const expected = optionRows(await load(one)).map((row) => row.map(withoutTicks));
    // What a README adds to a meaning stands behind it.
    expect(
      rows.map(([name, type, usual, meaning], i) => [name, type, usual, meaning.slice(0, expected[i]?.[3].length)]),
    ).toEqual(expected);
    expect(text.includes("It has no options.")).toBe(expected.length === 0);
  });

  it("names what it needs, and says how to use it from a clone", async () => {
    const plugin = await load(one);
    const needs = describeNeeds(plugin.kind, allNeeds(plugin)) || "nothing";
    const [, named] = /^Needs: (.+?)(?: \(.*)?\./m.exec(text) ?? [];
    expect(named).toBe(needs);
    expect(text.replaceAll("\n", " ")).toContain(
      "Until everlearn is on npm, use it [from a clone](../../README.md#commands).",
    );
  });

  it("can be reached from the first one", () => {
    expect(read("README.md")).toContain(`](${one.folder})`);
  });
});

describe("the links", () => {
  /** As GitHub names a heading. */
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-");

  it.each(documents)("of %s lead somewhere", (path) => {
    const prose = read(path).replaceAll(/^```[\s\S]*?^```$/gm, "");
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file, fragment] = target.split("#");
      const found = file === "" ? path : join(dirname(path), file);
      expect(existsSync(join(root, found)), `${path} links to ${target}`).toBe(true);
      const page = statSync(join(root, found)).isDirectory() ? join(found, "README.md") : found;
      // The API's pages hold these documents, and have no place for a folder.
      if (/^(README|packages|plugins)/.test(path))
        expect(existsSync(join(root, page)), `${path} links to ${target}, a folder without a README`).toBe(true);
      if (fragment === undefined) continue;
      const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));
      expect(headings, `${path} links to ${target}`).toContain(fragment);
    }
  });
});
