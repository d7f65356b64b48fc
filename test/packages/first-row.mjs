import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, project } from "./alone.mjs";
import { shell } from "./shell.mjs";

const guide = readFileSync(fileURLToPath(new URL("../../docs/writing-a-plugin.md", import.meta.url)), "utf8");
const most = { seconds: 300, lines: 60 };

/** What the guide has its reader write: its own learner, and a run beside experience replay. */
const name = "temporal-ensemble";
const written = (file) => {
  const [, text] = new RegExp(`^\`\`\`\\w+ learner-${name}/${file}\n([^]*?)^\`\`\`$`, "m").exec(guide) ?? [];
  if (text === undefined) throw new Error(`The guide does not write learner-${name}/${file}.`);
  return text;
};

/**
 * What a newcomer does: installs the command, begins a learner, makes of it another one, and looks at its row; then packs
 * it and uses the package by its short name elsewhere.
 * @returns the seconds until the first row, the lines written until then, and the row
 */
export async function firstRow(folder, registry, tarball) {
  const start = performance.now();
  const desk = project(join(folder, "desk"));
  await install(desk, registry, tarball);
  await shell(desk, "npx", "everlearn", "new", "learner", name);
  const own = join(desk, `learner-${name}`);
  change(own, "package.json", /"everlearn": "\^[^"]+"/, `"everlearn": ${JSON.stringify(`file:${tarball}`)}`); // it is not on npm
  const lines = ["index.js", "spec.json"].reduce((sum, file) => sum + rewrite(own, file), 0);
  await install(own, registry);
  const table = await shell(own, "npx", "everlearn", "run", "spec.json");
  const seconds = (performance.now() - start) / 1000;
  const [row] = /^ensemble +3 .*$/m.exec(table) ?? [];
  if (row === undefined) throw new Error(`The first run of a new learner has no row:\n${table}`);
  const digest = digestOf(own, "ensemble");
  if (digest === digestOf(own, "er")) throw new Error("A new learner does what experience replay does.");
  if (seconds > most.seconds || lines > most.lines)
    throw new Error(
      `The first row took ${seconds} s and ${lines} lines; it may take ${most.seconds} and ${most.lines}.`,
    );

  await shell(own, "npm", "test");
  const packed = await shell(own, "npm", "pack", "--json");
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf("[\n")));
  const user = project(join(folder, "user"));
  await install(user, registry, tarball, join(own, filename));
  writeFileSync(join(user, "spec.json"), readFileSync(join(own, "spec.json"), "utf8").replace("./index.js", name));
  await shell(user, "npx", "everlearn", "run", "spec.json", "--only", "ensemble");
  if (digestOf(user, "ensemble") !== digest) throw new Error("A packed learner does not learn as its source did.");
  return { seconds, lines, row };
}

/** Writes what the guide says in place of what `everlearn new` made. @returns the lines that are not there already */
function rewrite(folder, file) {
  const left = readFileSync(join(folder, file), "utf8").split("\n");
  const text = written(file);
  writeFileSync(join(folder, file), text);
  return text.split("\n").filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  }).length;
}

function change(folder, file, from, to) {
  const text = readFileSync(join(folder, file), "utf8");
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`The new learner's ${file} has no ${from}.`);
  writeFileSync(join(folder, file), changed);
}

const digestOf = (folder, name) =>
  JSON.parse(readFileSync(join(folder, "runs", name, "seed-2/result.json"), "utf8")).digest;
