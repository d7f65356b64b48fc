import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { type Kind, kinds } from "@everlearn/contracts";
import { installed } from "@everlearn/host";
import { out } from "../color.js";
import { Failure } from "../failure.js";
import { checkout, devDependenciesOf } from "../new/dependencies.js";
import { choiceOf, type Draft, fieldOf, filesOf, packageOf, sourceOf } from "../new/files.js";
import { searchPath } from "../search-path.js";

export interface NewArguments {
  /** The folder of the user's own to write a single file to. */
  readonly in?: string;
  readonly scope?: string;
}

const what: Readonly<Record<string, string>> = {
  "index.js": "the plugin: begin here",
  "index.test.js": "npm test: what every plugin of its kind must do",
  "spec.json": "npx everlearn run spec.json",
  "README.md": "what it is, its options",
  "package.json": "its name, and what everlearn finds it by",
};

/** `everlearn new KIND NAME`: a plugin that runs, as a package in a folder of its own or as a file. */
export async function createPlugin(kind: string, name: string, options: NewArguments): Promise<void> {
  const draft = checked(kind, name, options);
  if (options.in === undefined) await createPackage(draft);
  else createFile(draft, options.in);
}

function checked(kind: string, name: string, { in: folder, scope }: NewArguments): Draft {
  if (!kinds.includes(kind as Kind))
    throw new Failure(`There is no kind "${kind}" of plugin; there are ${kinds.join(", ")}.`);
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
    throw new Failure(`The package's name says "${kind}" already; call the plugin "${name.slice(kind.length + 1)}".`);
  if (scope !== undefined && folder !== undefined)
    throw new Failure("A file in a folder of yours is in no scope; use either --scope or --in.");
  if (scope !== undefined && !/^@[a-z0-9][a-z0-9._-]*$/.test(scope))
    throw new Failure(`A scope is "@" and a name in small letters, such as "@me"; "${scope}" is not.`);
  return { kind: kind as Kind, name, ...(scope === undefined ? {} : { scope }) };
}

async function createPackage(draft: Draft): Promise<void> {
  const { kind, name } = draft;
  const taken = (await installed(searchPath())).find((other) => other.kind === kind && other.name === name);
  if (taken) throw new Failure(`Package "${taken.package}" offers the ${kind} "${name}" already; choose another name.`);
  const folder = `${kind}-${name}`;
  const files = await filesOf(draft, resolve(folder));
  write(folder, () => mkdirSync(folder));
  for (const [file, text] of Object.entries(files))
    write(join(folder, file), () => writeFileSync(join(folder, file), text));

  const listed = Object.keys(files).filter((file) => file in what);
  const width = Math.max(...listed.map((file) => file.length));
  process.stdout.write(
    `${out.bold(packageOf(draft))} is in ${folder}${sep}\n\n` +
      `${listed.map((file) => `  ${file.padEnd(width)}  ${out.dim(what[file])}\n`).join("")}\n` +
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
    `${out.bold(path)} is a ${kind} that runs.\n\n` +
      `Next: use it in a spec in this folder, as ${fieldOf(kind, choiceOf(kind, use))}\n`,
  );
}

/** Makes something where there is nothing yet. */
function write(path: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new Failure(`${path} is there already; choose another name, or move it away.`);
    throw new Failure(`${path} cannot be written (${code}).`);
  }
}
