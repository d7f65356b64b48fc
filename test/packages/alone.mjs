import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { node, shell } from "./shell.mjs";

/** A stranger's empty project. */
export function project(folder, manifest = {}) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", ...manifest }));
  return folder;
}

/** Installs packages of ours from the registry on this machine, and what they need from npm's own. */
export async function install(folder, registry, ...packages) {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--prefer-offline"];
  await shell(folder, "npm", "install", ...quiet, `--@everlearn:registry=${registry}`, ...packages);
}

/** What a package brings: bytes of all files, and the packages beside itself. */
export function weigh(folder) {
  const modules = join(folder, "node_modules");
  const { packages } = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8"));
  const bytes = readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".package-lock.json")
    .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0);
  return { bytes, others: Object.keys(packages).length - 1 };
}

/** Milliseconds that importing takes, the least of five processes, and what was imported. */
export async function timeImport(folder, name) {
  const code = `const start = performance.now();
    const { default: plugin, ...named } = await import(${JSON.stringify(name)});
    const took = performance.now() - start;
    console.log(JSON.stringify({ took, named: Object.keys(named), plugin: plugin && { kind: plugin.kind, name: plugin.name } }));`;
  const found = [];
  for (let i = 0; i < 5; i++) found.push(JSON.parse(await node(folder, "--input-type=module", "-e", code)));
  return { ...found[0], took: Math.min(...found.map(({ took }) => took)) };
}

/** Runs the examples of a package's README in a project that has what they import. @returns how many there were */
export async function runExamples(folder, registry, name) {
  const readme = readFileSync(join(folder, "node_modules", name, "README.md"), "utf8");
  const examples = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  const imported = examples.flatMap((code) => [...code.matchAll(/^import .*? from "(@everlearn\/[^"]+)"/gm)]);
  const missing = new Set(imported.map(([, other]) => other).filter((other) => other !== name));
  if (missing.size > 0) await install(folder, registry, ...missing);
  for (const [i, code] of examples.entries()) {
    writeFileSync(join(folder, `example-${i}.mjs`), code);
    const run = () => node(folder, `example-${i}.mjs`);
    const printed = await run().catch(async (error) => {
      // Plugins that a spec in it names: everlearn itself says how to get them.
      const named = [...String(error).matchAll(/run "npm install (@everlearn\/[^"]+)"/g)].map(([, other]) => other);
      if (named.length === 0) throw error;
      await install(folder, registry, ...new Set(named));
      return run();
    });
    if (code.includes("console.log(") && printed.trim() === "")
      throw new Error(`Example ${i + 1} of ${name}'s README prints nothing.`);
  }
  return examples.length;
}
