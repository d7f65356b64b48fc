import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../scratch.js";
import { read, root } from "../workspace.js";

/** What the repository's TypeScript says of programs that use the packages as they are built. */
function compiled(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = scratch();
  for (const [name, code] of Object.entries(programs)) writeFileSync(join(folder, name), code);
  const compilerOptions = {
    ...{ target: "es2023", lib: ["es2023"], module: "nodenext", types: ["node"] },
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true },
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(programs) }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

/** What each line of a program is said to be wrong with. */
function complaints(said: string): Map<number, string> {
  const lines = new Map<number, string>();
  for (const [, line, text] of said.matchAll(/^\w+\.ts\((\d+),\d+\): (error TS\d+: .*(?:\n .*)*)/gm))
    lines.set(Number(line), `${lines.get(Number(line)) ?? ""}${text}\n`);
  return lines;
}

describe("a composition in code", () => {
  it("compiles where its parts fit, and its expected mistakes are mistakes", async () => {
    expect(await compiled({ "right.ts": read("test/types/right.ts"), "wrong.ts": read("test/types/wrong.ts") })).toBe(
      "",
    );
  });

  it("does not compile where they do not: every mistake is found, for its own reason, and nothing else", async () => {
    const wrong = read("test/types/wrong.ts");
    const expectations = [...wrong.matchAll(/^\/\/ @ts-expect-error (.+)\n/gm)].map(({ index, 1: reason }) => ({
      line: wrong.slice(0, index).split("\n").length + 1,
      reason,
    }));
    expect(expectations.length).toBeGreaterThan(20);
    const found = complaints(await compiled({ "wrong.ts": wrong.replaceAll("@ts-expect-error", "expected:") }));
    expect([...found.keys()]).toEqual(expectations.map(({ line }) => line));
    for (const { line, reason } of expectations) expect(found.get(line)).toContain(reason);
  });

  it("compiles as the pages show it", async () => {
    for (const page of ["docs/composing-in-code.md", "packages/cli/README.md"]) {
      const programs = [...read(page).matchAll(/^```(?:ts(?: \S+)?|js)\n([\s\S]*?)^```$/gm)]
        .map(([, code]) => code)
        .filter((code) => code.includes('from "everlearn"') && !code.includes('from "./')); // a file of the reader's own
      expect(programs.length, page).toBeGreaterThan(0);
      for (const code of programs) expect(await compiled({ "page.ts": code }), code).toBe("");
    }
  });
});
