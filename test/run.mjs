// Runs the tests of one project of vitest.config.ts, "test" or "rest", and says what they leave to others. More arguments
// are vitest's own: npm test -- packages/loop.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [project, ...more] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

function run(what, file, args) {
  const { status, error } = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) console.error(`${what} failed.`);
  return status ?? 1;
}

let status = run("A test", vitest, ["run", "--project", project, ...more]);
if (project === "rest" && more.every((option) => option.startsWith("-")))
  // Three packages stand for all sixty; npm run test:packages installs each of them.
  status ||= run(
    "A package",
    join(root, "test/packages/pack.mjs"),
    ["contracts", "buffer-reservoir", "learner-mer"].map((name) => `@everlearn/${name}`),
  );
if (project === "test")
  console.log(
    "\nThese were the quick tests. npm run test:rest runs the others: a real MLflow, Chromium, other versions of Node.js, kills, packages as npm installs them. npm run test:all runs both.",
  );
process.exitCode = status;
