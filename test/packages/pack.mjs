// Every package as a stranger gets it: packed, checked, installed by itself in an empty folder, imported, used.
// node test/packages/pack.mjs [--write] [NAME…]: these packages only; --write renews benchmarks/packages.md.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pLimit from "p-limit";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { install, project, runExamples, timeImport, weigh } from "./alone.mjs";
import { bundleSize, runBare, runChromium, runWorker } from "./browser.mjs";
import { firstRow } from "./first-row.mjs";
import { openRegistry } from "./registry.mjs";
import { node, shell } from "./shell.mjs";
import { kilo, page, table } from "./table.mjs";
import { checkTypes } from "./typescript.mjs";

/** What a plugin may bring along, unless it wraps something large: a network, a tracker. */
const limits = { others: 3, bytes: 300_000 };
const large = new Set(["network", "tracker"]);
/** What has to work in a browser. */
const everywhere = new Set(["buffer", "learner", "scenario", "stream", "network", "optimizer"]);
/** But for these: TensorFlow.js's models and native libraries are files. */
const onlyInNode = new Set(["@everlearn/network-tfjs"]);
/** Their declarations name what browsers and Node.js both have, such as Blob, and the language has not. */
const web = new Set(["@everlearn/mlflow-client"]);
/** TypeScript accepts TensorFlow.js's declarations only with `skipLibCheck`: see the package's README. */
const unsound = new Set(["@everlearn/network-tfjs"]);

const attw = fileURLToPath(new URL("dist/index.js", import.meta.resolve("@arethetypeswrong/cli/package.json")));
const root = fileURLToPath(new URL("../..", import.meta.url));
const { values, positionals: only } = parseArgs({ options: { write: { type: "boolean" } }, allowPositionals: true });
const place = mkdtempSync(join(tmpdir(), "everlearn-packages-"));
const began = performance.now();
const problems = [];

const say = (text) => console.log(`${String(Math.round((performance.now() - began) / 1000)).padStart(4)} s  ${text}`);

/** Does one part of it; a failure is kept, and the others go on. */
async function attempt(what, work) {
  try {
    return await work();
  } catch (error) {
    problems.push(`${what}: ${error instanceof Error ? error.message : error}`);
    say(`FAILED ${what}`);
    return undefined;
  }
}

/** All workspaces as npm packs them, with their manifests. */
async function pack() {
  const options = ["--workspaces", "--json", "--loglevel=error", "--pack-destination", place];
  const listed = await shell(root, "npm", "pack", ...options);
  const byName = new Map(JSON.parse(listed.slice(listed.indexOf("[\n"))).map((one) => [one.name, one]));
  const folders = ["packages", "plugins"]
    .flatMap((room) => readdirSync(join(root, room)).map((name) => `${room}/${name}`))
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .filter((folder) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).private !== true);
  return folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const one = byName.get(manifest.name);
    if (one === undefined) throw new Error(`npm did not pack ${folder}.`);
    return { ...one, folder, manifest, tarball: join(place, one.filename), kind: manifest.everlearn?.kind };
  });
}

/** publint, are-the-types-wrong, and what neither looks for. */
async function lint({ name, folder, tarball, files, manifest }) {
  const content = readFileSync(tarball);
  const { messages } = await publint({
    pack: { tarball: content.buffer.slice(content.byteOffset, content.byteOffset + content.length) },
  });
  for (const message of messages)
    problems.push(`publint, ${name}: ${formatMessage(message, manifest, { color: false })}`);
  if (manifest.exports?.["."]) {
    await attempt(`are the types wrong, ${name}`, () =>
      node(root, attw, "--profile", "esm-only", "--no-color", tarball),
    );
  }
  const packed = new Set(files.map(({ path }) => path));
  for (const path of ["README.md", "package.json"]) if (!packed.has(path)) problems.push(`${name} has no ${path}.`);
  for (const path of packed) {
    if (/\.tsbuildinfo$|^test\//.test(path)) problems.push(`${name} should not hold ${path}.`);
    if (!path.endsWith(".map")) continue;
    const { sources } = JSON.parse(readFileSync(join(root, folder, path), "utf8"));
    const lost = sources.map((source) => join(dirname(path), source)).filter((source) => !packed.has(source));
    if (lost.length > 0)
      problems.push(`${name}: ${path} is a map of ${lost.join(", ")}, which the package does not hold.`);
  }
}

/** A package as npm is asked for it: a name without our scope would be looked for on npm's own registry. */
const wanted = ({ name, tarball }) => (name.startsWith("@") ? name : tarball);

/** Installs a package by itself, imports it, and runs its README's examples. @returns a row of the table */
async function use({ name, manifest, tarball, kind }, registry) {
  const folder = project(join(place, "alone", name.replace("/", "-")));
  await install(folder, registry, wanted({ name, tarball }));
  const weight = weigh(folder);
  if (kind !== undefined && !large.has(kind) && (weight.others > limits.others || weight.bytes > limits.bytes))
    problems.push(
      `${name} brings ${weight.others} packages and ${kilo(weight.bytes)} kB; a ${kind} may bring ${limits.others} and ${kilo(limits.bytes)} kB.`,
    );
  if (manifest.bin) {
    const listed = await shell(folder, "npx", Object.keys(manifest.bin)[0], "list");
    if (!/^learner +mer .* yes/m.test(listed)) throw new Error(`${name} does not list its plugins:\n${listed}`);
    return { name, ...weight };
  }
  const { took, named, plugin } = await timeImport(folder, name);
  if (kind !== undefined && (plugin?.kind !== kind || plugin.name !== manifest.everlearn.name))
    throw new Error(
      `${name} exports ${JSON.stringify(plugin)} where ${JSON.stringify(manifest.everlearn)} was announced.`,
    );
  if (named.length === 0 && name !== "@everlearn/contracts") throw new Error(`${name} exports nothing by name.`);
  const bundled = await bundleSize(folder, name);
  if (bundled === undefined && everywhere.has(kind) && !onlyInNode.has(name))
    problems.push(`${name} does not work in browsers.`);
  const examples = await runExamples(folder, registry, name);
  if (examples === 0) problems.push(`${name} has no example in its README.`);
  return { name, ...weight, took, bundled };
}

let registry;
try {
  const all = await pack();
  const chosen = only.length > 0 ? all.filter(({ name }) => only.some((word) => name.endsWith(word))) : all;
  if (chosen.length === 0) throw new Error(`There is no package ${only.join(" or ")}.`);
  say(`packed ${all.length} packages`);
  registry = await openRegistry(all, place);
  const { url } = registry;

  const atOnce = pLimit(Math.min(2, availableParallelism()));
  await atOnce.map(chosen, (one) => attempt(one.name, () => lint(one)));
  say(`checked ${chosen.length} packages`);

  const rows = [];
  await atOnce.map(chosen, async (one) => {
    const row = await attempt(one.name, () => use(one, url));
    if (row === undefined) return;
    rows.push(row);
    say(`${one.name}: ${kilo(row.bytes)} kB, ${row.others} packages`);
  });
  rows.sort((a, b) => (a.name < b.name ? -1 : 1));

  if (only.length === 0) {
    const importable = all.filter(({ manifest }) => manifest.exports?.["."]);
    const imported = importable.map(({ name }) => name);
    const anywhere = imported.filter(
      (name) => !web.has(name) && rows.some((row) => row.name === name && row.bundled !== undefined),
    );
    const others = imported.filter((name) => ![...anywhere, ...web, ...unsound].includes(name));
    const together = project(join(place, "together"));
    const tell = (what, work) => attempt(what, async () => say(await work()));
    await attempt("all together", () => install(together, url, ...importable.map(wanted)));
    await tell(
      "TypeScript",
      async () => `compiled as ${(await checkTypes(together, { anywhere, web, others, unsound })).join(", ")}`,
    );
    await tell("a worker", async () => `kept ${(await runWorker(together)).join(", ")} of 1000 items in a worker`);
    await tell("a bare context", async () => `learnt ${await runBare(together)} where there is no Node.js`);
    await tell("Chromium", async () => (await runChromium(together)) ?? "found no Chromium: no browser was tried");
    const { tarball } = all.find(({ name }) => name === "everlearn") ?? {};
    await tell("a newcomer", async () => {
      const { seconds, lines, row } = await firstRow(place, url, tarball);
      return `a new learner had its first row after ${Math.round(seconds)} s and ${lines} lines: ${row}`;
    });
  }

  console.log(`\n${table(rows)}\n`);
  if (values.write && only.length === 0) writeFileSync(join(root, "benchmarks/packages.md"), page(rows, limits));
} finally {
  registry?.close();
  rmSync(place, { recursive: true, force: true });
}
for (const problem of problems) console.error(`${problem}\n`);
console.log(problems.length > 0 ? `${problems.length} problems.` : "Every package works alone.");
process.exitCode = problems.length > 0 ? 1 : 0;
