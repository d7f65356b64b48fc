import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { scratch } from "./scratch.js";
import { read, root } from "./workspace.js";

const execute = promisify(execFile);

/** A fenced block; `file` is what stands behind its language: where the page says that it is saved. */
interface Block {
  readonly language: string;
  readonly file?: string;
  readonly code: string;
}

function blocksOf(page: string): Block[] {
  return [...read(page).matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, file, code]) => ({
    language,
    ...(file === undefined ? {} : { file }),
    code,
  }));
}

/** What reaches npm: in the folder of a test, everything that it would install is there already. */
const beyond = ["npm install", "npm publish"];

/** A folder for PATH with the command as it is built here, and an npm that stays at home: it links what the page made. */
function programs(folder: string): string {
  const place = join(folder, ".bin");
  mkdirSync(place);
  const cli = join(root, "packages/cli/bin/everlearn.js");
  const script = (name: string, lines: string) => {
    writeFileSync(join(place, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(place, name), 0o755);
  };
  script("npx", `[ "$1" = everlearn ] || exit 1\nshift\nexec "${process.execPath}" "${cli}" "$@"`);
  const npm = process.env.PATH?.split(delimiter).map((bin) => join(bin, "npm")) ?? [];
  const real = npm.map((path) => `[ -x "${path}" ] && exec "${path}" "$@"`).join("\n");
  const link = 'mkdir -p node_modules && ln -s "../${1#everlearn-}" "node_modules/$1"';
  const install = `shift; [ -d "\${1#everlearn-}" ] && ${link}; exit 0`;
  script("npm", `case "$1" in install) ${install};; publish) exit 0;; esac\n${real}\nexit 127`);
  return place;
}

/** What each `console.log` of a program says that it prints, behind it. */
const promised = (code: string): string[] =>
  [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.+)$/gm)].map(([, comment]) => plain(comment));

/** Without what is Node's or a terminal's way to print. */
const plain = (text: string): string => text.replaceAll(/\b\w+Array\(\d+\)|[[\]{}"',\s]+/g, " ").trim();

/** What a diff leads to. */
const after = (diff: string): string => diff.replaceAll(/^-.*\n/gm, "").replaceAll(/^[+ ]/gm, "");

/** Checks that these pieces come in a text, one after the other. */
function same(printed: string, pieces: readonly string[]): void {
  let rest = ` ${plain(printed)} `;
  for (const piece of pieces.map(plain)) {
    expect(rest).toContain(` ${piece} `);
    rest = rest.slice(rest.indexOf(` ${piece} `) + piece.length + 1);
  }
}

/** Does what a page says, in one folder. @returns what was left out */
export async function follow(page: string, folder = scratch()): Promise<string[]> {
  const { FORCE_COLOR: _, PATH, ...others } = process.env;
  const env = { ...others, PATH: `${programs(folder)}${delimiter}${PATH}`, NO_COLOR: "1" };
  const skipped: string[] = [];
  let place = folder;
  let printed = "";
  let program = 0;
  for (const { language, file, code } of blocksOf(page)) {
    if (language === "text")
      same(
        printed,
        code.split("\n").filter((line) => line.trim() !== ""),
      );
    else if (file !== undefined) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), language === "diff" ? after(code) : code);
    } else if (language === "diff")
      continue; // a part of a file
    else if (language === "js") {
      const path = join(folder, `program-${program++}.mjs`);
      writeFileSync(path, code);
      printed = (await execute(process.execPath, [path], { cwd: folder, env })).stdout;
      same(printed, promised(code));
    } else {
      expect(language).toBe("sh");
      skipped.push(...code.split("\n").filter((line) => beyond.some((start) => line.startsWith(start))));
      const { stdout } = await execute("sh", ["-ec", `${code}\necho "@$PWD"`], { cwd: place, env });
      printed = stdout.slice(0, stdout.lastIndexOf("@"));
      place = stdout.slice(stdout.lastIndexOf("@") + 1).trim();
    }
  }
  return skipped;
}
