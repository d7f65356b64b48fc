import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withTables } from "../benchmarks/results.mjs";
import { files, read, root } from "./workspace.js";

const page = read("benchmarks/RESULTS.md");

describe("benchmarks/RESULTS.md", () => {
  it("has the tables that node benchmarks/table.mjs makes from the receipts", async () => {
    expect(await withTables(page)).toBe(page);
  });

  it("has none that the receipts do not make anew", async () => {
    const emptied = page.replaceAll(/(?<=<!-- ([\w-]+) -->\n)[^]*?(?=<!-- \/\1 -->)/g, "");
    expect(emptied).not.toContain("online-permutations |");
    expect(await withTables(emptied)).toBe(page);
  });

  it("needs a place for every suite's table", async () => {
    await expect(withTables("# Results\n")).rejects.toThrow("There is no place for the table of convnet-rotations");
  });
});

describe("benchmarks/README.md", () => {
  it("has a row for every suite", () => {
    const suites = new Set(
      files.flatMap((path) => /^benchmarks\/suites\/([\w-]+)(?=\/|\.json$)/.exec(path)?.[1] ?? []),
    );
    expect(suites.size).toBeGreaterThan(5);
    for (const suite of suites) {
      const target = existsSync(join(root, `benchmarks/suites/${suite}`))
        ? `${suite}/](suites/${suite})`
        : `${suite}.json](suites/${suite}.json)`;
      expect(read("benchmarks/README.md")).toContain(`| [${target} |`);
    }
  });
});
