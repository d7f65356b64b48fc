// API documentation of all packages, from their docstrings and READMEs: npm run api writes docs/api/index.html.
// What is undocumented, unknown or leads nowhere fails. TypeDoc wants a TypeScript of its own and is installed apart.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const versions = { typedoc: "0.28.20", typescript: "6.0.3" };

/** TypeDoc, installed once beside what else is kept from run to run. */
async function typedoc() {
  const folder = join(root, "node_modules/.cache/everlearn/typedoc");
  const manifest = join(folder, "package.json");
  const wanted = JSON.stringify({ private: true, dependencies: versions });
  if (!existsSync(join(folder, "node_modules/typedoc")) || readFileSync(manifest, "utf8") !== wanted) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(manifest, wanted);
    const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    execFileSync("npm", ["install", ...quiet], { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
  }
  return import(pathToFileURL(createRequire(manifest).resolve("typedoc")).href);
}

const { Application, ConsoleLogger } = await typedoc();

/** Types that only compute others, which show what comes of them. */
const computing =
  "Arguments Defaulted Granted Handed Members Refusal Value WithBuffer WithOptions WithScenario Written".split(" ");

/** Whether a warning is of something that is as it should be. */
function expected(text) {
  // TypeDoc reads one package after the other: that a link leads to another one's page it learns at the end.
  const [, folder] = /^The relative path (.+) is not a file/.exec(text) ?? [];
  if (folder !== undefined) return existsSync(join(folder, "package.json"));
  // A plugin object says itself what it is, and its README what its options are.
  if (/^default \(Variable\), defined in @everlearn\/\w+-[^ ]+\/src\/index\.ts, /.test(text)) return true;
  // The metrics of every run have a row each in the runner's README.
  if (text.startsWith("metrics.__type.")) return true;
  const [, name, user] = /^(\w+), defined in .+, is referenced by (.+) but not included/.exec(text) ?? [];
  return (name === "options" && user === "default") || computing.includes(name);
}

class Logger extends ConsoleLogger {
  warn(text, ...where) {
    if (!expected(text)) super.warn(text, ...where);
  }
}

const folders = ["packages", "plugins"]
  .flatMap((room) => readdirSync(join(root, room)).map((name) => join(root, room, name)))
  .filter((folder) => existsSync(join(folder, "src/index.ts")));
const demands = {
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ["Variable", "Function", "Class", "Interface", "TypeAlias"],
};

const app = await Application.bootstrap({
  ...demands,
  name: "everlearn",
  readme: join(root, "README.md"),
  projectDocuments: ["docs/*.md", "ARCHITECTURE.md"].map((path) => join(root, path)),
  entryPointStrategy: "packages",
  entryPoints: folders,
  packageOptions: { ...demands, entryPoints: ["src/index.ts"], includeVersion: true, disableSources: true },
  disableSources: true,
  highlightLanguages: ["bash", "diff", "javascript", "json", "jsonc", "python", "typescript"],
  ignoredHighlightLanguages: ["mermaid"], // GitHub draws it
  out: join(root, "docs/api"),
});
app.logger = new Logger();
const project = await app.convert();
if (project) {
  app.validate(project);
  await app.generateOutputs(project);
}
const { errorCount, warningCount } = app.logger;
console.log(`docs/api: ${folders.length} packages, ${errorCount} errors, ${warningCount} warnings`);
process.exitCode = project && errorCount + warningCount === 0 ? 0 : 1;
