// A release as it would be, on this machine only: all packages are versioned and published from a clone to a registry on
// loopback, with the repository's address in them, and a stranger installs from there.
// node test/publish/rehearse.mjs, or npm run test:publish.
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { setting, withAddresses } from "../../release/addresses.mjs";
import { cloneOf, workspacesOf } from "./clone.mjs";
import { loopback } from "./loopback.mjs";
import { openRegistry } from "./registry.mjs";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "everlearn-publish-"));
const clone = join(place, "clone");
const repository = "https://rehearsal.invalid/everlearn/everlearn";
const began = performance.now();
const say = (text) => console.log(`${String(Math.round((performance.now() - began) / 1000)).padStart(4)} s  ${text}`);

function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

// Nobody's configuration and nobody's tokens: npm reads what the registry's user has, and knows no other registry.
function surroundings({ url, npmrc }) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NPM_|NODE_AUTH_TOKEN$|INIT_CWD$|GIT_)/.test(name),
  );
  const who = { NAME: "Rehearsal", EMAIL: "rehearsal@localhost" };
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(
      Object.entries(who).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
    ...{ GIT_CONFIG_GLOBAL: join(place, "gitconfig"), GIT_CONFIG_NOSYSTEM: "1" },
    ...{ npm_config_userconfig: npmrc, npm_config_registry: loopback(url), npm_config_cache: join(place, "cache") },
    // What says where a package came from needs a service that knows this machine: it is a release's, not a rehearsal's.
    npm_config_provenance: "false",
    [setting]: repository,
    ...{ NX_DAEMON: "false", NX_ISOLATE_PLUGINS: "false", CI: "true", NO_COLOR: "1" },
  };
}

const without = (env, ...names) => Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));

/** @returns what it said */
async function shell(env, cwd, program, ...args) {
  try {
    const { stdout, stderr } = await execute(program, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout + stderr;
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")} failed:\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

const versions = () => new Map(workspacesOf(clone).map(({ name, version }) => [name, version]));

/** Each package's versions in the registry, by name. */
async function published(url) {
  const found = new Map();
  for (const name of versions().keys()) {
    const response = await fetch(`${loopback(url)}${name.replace("/", "%2f")}`);
    const { versions = {} } = response.ok ? await response.json() : {};
    found.set(name, versions);
  }
  return found;
}

async function checkNothingPublished(url) {
  for (const [name, found] of await published(url))
    expect(Object.keys(found).length === 0, `${name} was published, where it should have been refused.`);
}

/** The work tree of the clone is as git has it, and the copies that were published are gone. */
async function checkClean(git) {
  const changed = (await git(clone, "status", "--porcelain")).trim();
  expect(changed === "", `A release left changes behind:\n${changed}`);
}

/** What the registry and the tarballs say of where each package comes from. @returns how many links lead to the repository */
async function checkAddresses(url, env, git) {
  const commit = (await git(clone, "rev-parse", "HEAD")).trim();
  const known = await published(url);
  let links = 0;
  for (const { folder, name, version } of workspacesOf(clone)) {
    const told = known.get(name)[version];
    const tarball = join(place, "published.tgz");
    const response = await fetch(loopback(told.dist.tarball));
    writeFileSync(tarball, Buffer.from(await response.arrayBuffer()));
    const packed = (path) => shell(env, place, "tar", "-xzOf", tarball, `package/${path}`);
    const expected = withAddresses({ gitHead: commit }, repository, folder);
    for (const manifest of [told, JSON.parse(await packed("package.json"))])
      for (const [field, value] of Object.entries(expected))
        expect(
          isDeepStrictEqual(manifest[field], value),
          `${name} was published with the ${field} ${JSON.stringify(manifest[field])}.`,
        );
    expect((await packed("LICENSE")).startsWith("MIT License"), `${name} was published without its licence.`);
    for (const [, target] of (await packed("README.md"))
      .replaceAll(/^```[^]*?^```$/gm, "")
      .matchAll(/\]\(([^)\s]+)\)/g)) {
      expect(/^(?:https:|#)/.test(target), `The README of ${name} links to ${target}, which npm does not have.`);
      if (!target.startsWith(repository)) continue;
      const [, path] = new RegExp(`^${repository}/(?:blob|tree|raw)/${commit}/([^#]+)`).exec(target) ?? [];
      expect(path && existsSync(join(clone, path)), `The README of ${name} links to ${target}, which is not there.`);
      links++;
    }
  }
  expect(links > 0, "No README links to the repository, where some did.");
  return links;
}

const spec = {
  name: "rehearsed",
  dataset: { use: "glyphs", train: 400, test: 100 },
  stream: { use: "rotated", tasks: 2, examplesPerTask: 200 },
  network: { use: "mlp", hidden: [20] },
  learner: { use: "mer", alpha: 0.05, s: 2, k: 4 },
  buffer: { use: "reservoir", capacity: 20 },
};
const program = `
import reservoir from "@everlearn/buffer-reservoir";
import glyphs from "@everlearn/dataset-glyphs";
import mer from "@everlearn/learner-mer";
import mlp from "@everlearn/network-mlp";
import rotated from "@everlearn/stream-rotated";
import { run, use } from "everlearn";
const { digest } = await run({
  dataset: use(glyphs, { train: 400, test: 100 }),
  stream: use(rotated, { tasks: 2, examplesPerTask: 200 }),
  network: use(mlp, { hidden: [20] }),
  learner: use(mer, { alpha: 0.05, s: 2, k: 4 }),
  buffer: use(reservoir, { capacity: 20 }),
});
console.log(digest);
`;

let registry;
try {
  registry = await openRegistry(root, place);
  const env = surroundings(registry);
  const git = (cwd, ...args) => shell(env, cwd, "git", ...args);
  const npm = (cwd, ...args) => shell(env, cwd, "npm", ...args);
  const lerna = (...args) => shell(env, clone, join(root, "node_modules/.bin/lerna"), ...args, "--yes");
  say(`a registry at ${registry.url}`);

  await cloneOf(root, clone, git);
  const before = versions();
  // Neither the project's configuration nor a package's own may lead npm elsewhere.
  for (const key of ["registry", "@everlearn:registry"]) {
    const value = (await npm(clone, "config", "get", key)).trim();
    if (value !== "undefined") loopback(value);
  }
  for (const { publishConfig } of workspacesOf(clone)) loopback(publishConfig?.registry ?? registry.url);
  await npm(clone, "run", "build");
  say(`built ${before.size} packages in a clone`);

  await lerna("version", "--no-push");
  const first = versions();
  for (const { folder, name, version, dependencies = {} } of workspacesOf(clone)) {
    expect(version !== before.get(name), `${name} was not versioned.`);
    expect(existsSync(join(clone, folder, "CHANGELOG.md")), `${folder} has no CHANGELOG.md.`);
    for (const [other, range] of Object.entries(dependencies))
      if (first.has(other))
        expect(range === first.get(other), `${name} wants ${other} ${range}, not ${first.get(other)}.`);
  }
  const tags = (await git(clone, "tag", "--points-at", "HEAD")).trim().split("\n");
  expect(tags.length === first.size, `There are ${tags.length} tags for ${first.size} packages.`);
  expect((await git(clone, "status", "--porcelain")).trim() === "", "lerna version left changes behind.");
  say(`versioned, with a changelog and a tag each: everlearn ${first.get("everlearn")}`);

  const release = (env) =>
    shell(env, clone, "npm", "run", "release", "--", "from-git", "--yes").then(
      () => "",
      (error) => error.message,
    );
  const lost = await release(without(env, setting));
  expect(lost.includes(`set ${setting}`), `A release that knows no repository should have said so, but said:\n${lost}`);
  await checkNothingPublished(registry.url);
  await checkClean(git);
  say("refused to publish without the repository's address");

  // A release says where it was built. Here nothing could, so that it is refused: which shows that the setting is heard.
  const refused = await release(without(env, "npm_config_provenance", "GITHUB_ACTIONS", "GITLAB_CI"));
  expect(/provenance/i.test(refused), `With provenance lerna should have failed here, but said:\n${refused}`);
  await checkNothingPublished(registry.url);
  await git(clone, "restore", "."); // it had begun to write down the commit in each package.json
  await checkClean(git);
  say("refused to publish with provenance, which only a release's machine can state");

  await lerna("publish", "from-git");
  for (const [name, found] of await published(registry.url)) {
    expect(Object.keys(found).join() === first.get(name), `${name} has the versions ${Object.keys(found)} there.`);
    loopback(found[first.get(name)].dist.tarball);
  }
  await checkClean(git);
  say(`published ${first.size} packages, and left nothing behind`);
  say(`checked the addresses in them: ${await checkAddresses(registry.url, env, git)} links lead to the repository`);

  const stranger = join(place, "stranger");
  mkdirSync(stranger);
  writeFileSync(join(stranger, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await npm(stranger, "install", "--loglevel=error", "everlearn", "@everlearn/learner-mer");
  for (const [path, { resolved }] of Object.entries(
    JSON.parse(readFileSync(join(stranger, "package-lock.json"), "utf8")).packages,
  ))
    if (/node_modules\/(@everlearn\/[^/]+|everlearn)$/.test(path)) loopback(resolved);
  writeFileSync(join(stranger, "spec.json"), JSON.stringify(spec));
  writeFileSync(join(stranger, "program.js"), program);
  await shell(env, stranger, "npx", "everlearn", "run", "spec.json", "--out", "runs");
  const result = JSON.parse(readFileSync(join(stranger, "runs/rehearsed/seed-0/result.json"), "utf8"));
  expect(result.plugins.learner.version === first.get("@everlearn/learner-mer"), "Another learner ran.");
  const printed = (await shell(env, stranger, process.execPath, "program.js")).trim();
  expect(printed === result.digest, `The program's digest is ${printed}, the spec's ${result.digest}.`);
  say(`a stranger ran a spec and a program: RA ${result.metrics.retainedAccuracy}, digest ${printed.slice(0, 12)}`);

  await shell(env, stranger, "npx", "everlearn", "new", "learner", "own");
  const own = join(stranger, "learner-own");
  expect(!/file:/.test(readFileSync(join(own, "package.json"), "utf8")), "A new package does not take all from npm.");
  await npm(own, "install", "--loglevel=error");
  await npm(own, "test");
  const packed = await npm(own, "pack");
  expect(/everlearn-learner-own-0\.1\.0\.tgz/.test(packed), `A new package was not packed:\n${packed}`);
  say("a stranger made a package, which installs, passes its test and is packed");

  // A fix in one package is a patch of that one, and of the packages that name its exact version; a break is a minor one.
  const fixed = workspacesOf(clone).find(({ name }) => name === "@everlearn/buffer-ring");
  appendFileSync(join(clone, fixed.folder, "README.md"), "\nA line more.\n");
  await git(clone, "commit", "--quiet", "--all", "--message", "fix: a line more");
  const broken = workspacesOf(clone).find(({ name }) => name === "@everlearn/network-tfjs");
  appendFileSync(join(clone, broken.folder, "README.md"), "\nAnother line.\n");
  await git(clone, "commit", "--quiet", "--all", "--message", "refactor(network-tfjs)!: another line");
  await lerna("version", "--no-push");
  const second = versions();
  const moved = [...second].filter(([name, version]) => version !== first.get(name)).map(([name]) => name);
  const expected = ["@everlearn/buffer-ring", "@everlearn/network-tfjs", "everlearn"];
  expect(
    moved.length === expected.length && expected.every((name) => moved.includes(name)),
    `A fix of buffer-ring and a break of network-tfjs moved ${moved}.`,
  );
  expect(/^0\.\d+\.0$/.test(second.get(broken.name)), `A break made ${broken.name} ${second.get(broken.name)}.`);
  for (const [{ folder }, entry] of [
    [fixed, /### Bug Fixes\n\n\* a line more/],
    [broken, /BREAKING CHANGES\n\n\* \*\*network-tfjs:\*\* another line/],
  ]) {
    const log = readFileSync(join(clone, folder, "CHANGELOG.md"), "utf8");
    expect(entry.test(log), `The changelog of ${folder} does not name the change:\n${log}`);
  }
  await lerna("publish", "from-git");
  await checkClean(git);
  for (const [name, found] of await published(registry.url))
    expect(
      Object.keys(found).length === (moved.includes(name) ? 2 : 1) && second.get(name) in found,
      `${name} has the versions ${Object.keys(found)} there.`,
    );
  await npm(stranger, "install", "--loglevel=error", "everlearn@latest");
  expect(
    JSON.parse(readFileSync(join(stranger, "node_modules/everlearn/package.json"), "utf8")).version ===
      second.get("everlearn"),
    "The second release was not installed.",
  );
  say(`a fix and a break were released: ${moved.map((name) => `${name} ${second.get(name)}`).join(", ")}`);
  console.log("Releases work; nothing was published anywhere but here.");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await registry?.close();
  rmSync(place, { recursive: true, force: true });
}
