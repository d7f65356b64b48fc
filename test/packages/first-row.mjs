import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { install, project } from "./alone.mjs";
import { shell } from "./shell.mjs";

/**
 * What a newcomer does: installs the command, begins a learner, changes a line, and looks at its row; then packs it and
 * uses the package by its short name elsewhere.
 * @returns the seconds until the first row, and the row
 */
export async function firstRow(folder, registry, tarball) {
  const start = performance.now();
  const desk = project(join(folder, "desk"));
  await install(desk, registry, tarball);
  await shell(desk, "npx", "everlearn", "new", "learner", "first");
  const own = join(desk, "learner-first");
  change(own, "package.json", /"everlearn": "\^[^"]+"/, `"everlearn": ${JSON.stringify(`file:${tarball}`)}`); // it is not on npm
  change(own, "index.js", "], alpha);", "], alpha / 2);");
  await install(own, registry);
  const table = await shell(own, "npx", "everlearn", "run", "spec.json");
  const seconds = (performance.now() - start) / 1000;
  const [row] = /^first +3 .*$/m.exec(table) ?? [];
  if (row === undefined) throw new Error(`The first run of a new learner has no row:\n${table}`);
  const digest = digestOf(own, "first");
  if (digest === digestOf(own, "er")) throw new Error("The changed line of a new learner changed nothing.");

  await shell(own, "npm", "test");
  const packed = await shell(own, "npm", "pack", "--json");
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf("[\n")));
  const user = project(join(folder, "user"));
  await install(user, registry, tarball, join(own, filename));
  writeFileSync(join(user, "spec.json"), readFileSync(join(own, "spec.json"), "utf8").replace("./index.js", "first"));
  await shell(user, "npx", "everlearn", "run", "spec.json", "--only", "first");
  if (digestOf(user, "first") !== digest) throw new Error("A packed learner does not learn as its source did.");
  return { seconds, row };
}

function change(folder, file, from, to) {
  const text = readFileSync(join(folder, file), "utf8");
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`The new learner's ${file} has no ${from}.`);
  writeFileSync(join(folder, file), changed);
}

const digestOf = (folder, name) =>
  JSON.parse(readFileSync(join(folder, "runs", name, "seed-2/result.json"), "utf8")).digest;
