// What lerna publishes: of every package a copy, in its folder .release, whose package.json names the repository and whose
// README.md links to it. The packages themselves stay as they are. lerna runs this before and after it publishes.
// node release/prepare.mjs [--check | --clean]: only sees whether the address is set; only removes the copies.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { repositoryOf, setting, withAbsoluteLinks, withAddresses } from "./addresses.mjs";

const { values } = parseArgs({ options: { check: { type: "boolean" }, clean: { type: "boolean" } } });
const root = fileURLToPath(new URL("..", import.meta.url));
const read = (...path) => readFileSync(join(root, ...path), "utf8");
const { contents } = JSON.parse(read("lerna.json")).command.publish;
const folders = ["packages", "plugins"]
  .flatMap((room) => readdirSync(join(root, room)).map((name) => `${room}/${name}`))
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .filter((folder) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).private !== true);

function clean() {
  for (const folder of folders) rmSync(join(root, folder, contents), { recursive: true, force: true });
}

function copy(folder, repository, commit) {
  const to = join(root, folder, contents);
  mkdirSync(to);
  const manifest = withAddresses(JSON.parse(read(folder, "package.json")), repository, folder);
  writeFileSync(join(to, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const place = { repository, commit, root, folder };
  writeFileSync(join(to, "README.md"), withAbsoluteLinks(read(folder, "README.md"), place));
  cpSync(join(root, "LICENSE"), join(to, "LICENSE"));
  for (const path of manifest.files.filter((path) => !path.startsWith("!")))
    cpSync(join(root, folder, path), join(to, path), { recursive: true });
}

try {
  const repository = values.clean ? "" : repositoryOf(process.env[setting]);
  if (!values.check) clean();
  if (!values.check && !values.clean) {
    const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
    for (const folder of folders) copy(folder, repository, commit);
    console.log(`${folders.length} packages name ${repository} at ${commit.slice(0, 12)}.`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
