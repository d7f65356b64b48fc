import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { Kind } from "@everlearn/contracts";
import { installed } from "@everlearn/host";
import { out } from "../color.js";
import { Failure } from "../failure.js";
import { kindOf } from "../kind.js";
import { checkout, devDependenciesOf } from "../new/dependencies.js";
import { choiceOf, type Draft, fieldOf, filesOf, packageOf, sourceOf } from "../new/files.js";
import { searchPath } from "../search-path.js";

export interface NewArguments {
  /** The folder to write a single file to, instead of a package. */
  readonly in?: string;
  readonly scope?: string;
}

/** What the files of a new package are for. */
const purposes: Readonly<Record<string, string>> = {
  "index.js": "the plugin: start here",
  "index.test.js": "npm test: checks what every plugin of its kind must do",
  "spec.json": "npx everlearn run spec.json",
  "README.md": "what it is, and its options",
  "package.json": "its name, by which everlearn finds it",
};

/** `everlearn new KIND NAME`: writes a plugin that works, as a package in a folder of its own or as a single file. */
export async function createPlugin(kind: string, name: string, options: NewArguments): Promise<void> {
  const draft = draftOf(kind, name, options);
  if (options.in === undefined) await createPackage(draft);
  else createFile(draft, options.in);
}

function draftOf(kindName: string, name: string, { in: folder, scope }: NewArguments): Draft {
  const kind = kindOf(kindName);
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || name.length > 64) {
    const near = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "")
      .slice(0, 64);
    const hint = near !== "" && near !== name && !near.endsWith("-") ? `, such as "${near}"` : "";
    throw new Failure(`A plugin's name is 1 to 64 letters a-z and digits, with hyphens between them${hint}.`);
  }
  if (name.startsWith(`${kind}-`))
    throw new Failure(`The package's name already says "${kind}"; call the plugin "${name.slice(kind.length + 1)}".`);
  if (scope !== undefined && folder !== undefined)
    throw new Failure("A single file has no scope; use either --scope or --in.");
  if (scope !== undefined && !/^@[a-z0-9][a-z0-9._-]*$/.test(scope))
    throw new Failure(`A scope is "@" and a name in lower case, such as "@me"; "${scope}" is not.`);
  return { kind, name, ...(scope === undefined ? {} : { scope }) };
}

async function createPackage(draft: Draft): Promise<void> {
  const { kind, name } = draft;
  const taken = (await installed(searchPath())).find((other) => other.kind === kind && other.name === name);
  if (taken) throw new Failure(`Package "${taken.package}" already offers the ${kind} "${name}"; choose another name.`);
  const folder = `${kind}-${name}`;
  const files = await filesOf(draft, resolve(folder));
  write(folder, () => mkdirSync(folder));
  for (const [file, text] of Object.entries(files))
    write(join(folder, file), () => writeFileSync(join(folder, file), text));

  const listed = Object.keys(files).filter((file) => file in purposes);
  const width = Math.max(...listed.map((file) => file.length));
  process.stdout.write(
    `${out.bold(packageOf(draft))} is in ${folder}${sep}\n\n` +
      `${listed.map((file) => `  ${file.padEnd(width)}  ${out.dim(purposes[file])}\n`).join("")}\n` +
      (checkout === undefined ? "" : explainPaths(kind, checkout)) +
      `Next: cd ${folder} && npm install && npx everlearn run spec.json\n`,
  );
}

/** Says that the package depends on a checkout, and how to change that. */
function explainPaths(kind: Kind, checkout: string): string {
  const names = Object.keys(devDependenciesOf(kind, ".")).map((name) => `${name}@latest`);
  return (
    `This everlearn runs from a checkout, so the package's development dependencies are paths into ${checkout}.\n` +
    `Once everlearn is on npm, replace them: npm install --save-dev ${names.join(" ")}\n\n`
  );
}

function createFile(draft: Draft, folder: string): void {
  const { kind, name } = draft;
  const path = join(folder, `${kind}-${name}.mjs`);
  write(folder, () => mkdirSync(folder, { recursive: true }));
  write(path, () => writeFileSync(path, sourceOf(draft), { flag: "wx" }));
  const use = `./${relative(process.cwd(), resolve(path)).replaceAll("\\", "/")}`;
  process.stdout.write(
    `${out.bold(path)} is a ${kind} that works.\n\n` +
      `Next: use it in a spec in this folder, as ${fieldOf(kind, choiceOf(kind, use))}\n`,
  );
}

/** Creates a file or folder that must not exist yet. */
function write(path: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new Failure(`${path} already exists; choose another name, or move it away.`);
    throw new Failure(`${path} cannot be written (${code}).`);
  }
}
