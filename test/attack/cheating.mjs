// Attacks by learners that cheat, each with the level of trust that must catch it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { glyphs } from "@everlearn/dataset-glyphs";
import { endedForPeople, inFolder, start } from "./command.mjs";
import { keyOf } from "./cheats/learner.mjs";

const dataset = { use: "glyphs", train: 600, test: 300 };
const shared = {
  dataset,
  stream: { use: "split", classesPerTask: 5, examplesPerTask: 250 },
  scenario: { use: "class-il" },
  network: { use: "mlp", hidden: [16] },
  seeds: [0, 1],
};

/**
 * The cheats, and what must catch each. "isolation": its result is the honest learner's. "refused": its run ends with a
 * sentence. A check's name: `everlearn check` convicts it by that. "verify": its receipt is not reproduced. "audit": no check
 * convicts it, and it falls on secret data. "bytes": nothing convicts it, and its receipt states the memory that it took.
 * "nothing" is for the honest learner.
 */
const caughtBy = {
  honest: "nothing",
  "knows-labels": "canary",
  "knows-labels-half": "canary",
  "reads-labels": "canary",
  "knows-all-labels": "audit",
  "hidden-memory": "resume",
  "hidden-network": "resume",
  "look-ahead": "resume",
  "counts-queries": "resume",
  clock: "resume",
  "cell-to-disk": "resume",
  company: "batches",
  "cell-to-cell": "isolation",
  "patches-globals": "isolation",
  "result-at-exit": "isolation",
  "patches-prototypes": "refused",
  "writes-inputs": "refused",
  "answers-nonsense": "refused",
  "result-later": "verify",
  "own-budget": "bytes",
};
export const cheats = Object.keys(caughtBy);

const pathOf = (name) => fileURLToPath(new URL(`cheats/${name}.mjs`, import.meta.url));

/** The file that a cheat is told of. */
function fileFor(name, cwd) {
  if (name.startsWith("result-")) return join(cwd, "results", name, "seed-0");
  if (name === "reads-labels") {
    const { test } = glyphs({ train: dataset.train, test: dataset.test });
    const known = Array.from({ length: test.length }, (_, i) => [keyOf(test.input(i)), test.label(i)]);
    writeFileSync(join(cwd, "labels.json"), JSON.stringify(Object.fromEntries(known)));
    return join(cwd, "labels.json");
  }
  return join(cwd, "cache.bin");
}

const specOf = (name, cwd) => ({ ...shared, name, learner: { use: pathOf(name), file: fileFor(name, cwd) } });
const resultOf = (name, cwd, seed = 0) =>
  JSON.parse(readFileSync(join(cwd, "results", name, `seed-${seed}`, "result.json"), "utf8"));

/** What a result says of accuracy, as text. */
const measured = ({ digest, accuracy, metrics }) => JSON.stringify({ digest, accuracy, metrics });

/** Runs a learner at all seeds in a folder. @returns how the command ended */
async function ran(name, cwd, command = "run") {
  writeFileSync(join(cwd, `${name}.json`), JSON.stringify(specOf(name, cwd)));
  return await start([command, `${name}.json`, "--out", "results"], { cwd }).ended;
}

/** What `everlearn check` convicts a learner by. */
async function convictions(name, cwd) {
  endedForPeople(await ran(name, cwd, "check"));
  const {
    seal: _,
    specId: __,
    ...findings
  } = JSON.parse(readFileSync(join(cwd, "results", name, "checks.json"), "utf8"));
  return Object.keys(findings).filter((check) => findings[check].passed === false);
}

/** How a learner fares on secret data, with the honest one beside it. */
async function audited(name, cwd) {
  for (const one of [name, "honest"]) if (!endedForPeople(await ran(one, cwd))) throw new Error(`${one} does not run.`);
  const secret = ["--secret", "secret.json"];
  await start(["secret", "new", "secret.json", "--train", "600", "--test", "300"], { cwd }).ended;
  const allowed = ["--allow", pathOf(name), pathOf("honest"), "--reference", "results/honest", "--rerun"];
  const { status, stdout, stderr } = await start(["audit", `results/${name}`, ...secret, ...allowed], { cwd }).ended;
  return { falls: new RegExp(`^✗ ${name} \\(falls`, "m").test(stdout), status, said: stdout + stderr };
}

const judges = {
  async nothing(name, cwd) {
    const found = await convictions(name, cwd);
    if (found.length > 0) throw new Error(`The honest learner is convicted by ${found.join(", ")}.`);
  },
  async isolation(name, cwd) {
    await ran("honest", cwd);
    mkdirSync(join(cwd, "results", name, "seed-0"), { recursive: true });
    endedForPeople(await ran(name, cwd));
    for (const seed of shared.seeds) {
      const [own, honest] = [name, "honest"].map((one) => measured(resultOf(one, cwd, seed)));
      if (own !== honest) throw new Error(`It changed its result at seed ${seed}: ${own} for ${honest}.`);
    }
  },
  async refused(name, cwd) {
    if (endedForPeople(await ran(name, cwd))) throw new Error("Its run came to an end.");
  },
  async verify(name, cwd) {
    endedForPeople(await ran(name, cwd));
    for (let left = 100; left > 0 && !existsSync(join(cwd, "results", name, "seed-0.lied")); left--) await wait(100);
    if (resultOf(name, cwd).metrics.RA !== 0.99) throw new Error("The attack itself failed: nothing was written.");
    const args = ["verify", `results/${name}/seed-0`, "--allow", pathOf(name)];
    const { status, stdout } = await start(args, { cwd }).ended;
    if (status === 0 || !stdout.includes("metrics/RA was 0.99")) throw new Error(`verify believed it: ${stdout}`);
  },
  async audit(name, cwd) {
    const found = await convictions(name, cwd);
    if (found.length > 0) throw new Error(`A check convicts it (${found.join(", ")}): say so in the table.`);
    const { falls, said } = await audited(name, cwd);
    if (!falls) throw new Error(`It does not fall in an audit: ${said}`);
  },
  async bytes(name, cwd) {
    for (const one of [name, "honest"]) endedForPeople(await ran(one, cwd));
    const found = await convictions(name, cwd);
    if (found.length > 0) throw new Error(`A check convicts it (${found.join(", ")}): say so in the table.`);
    const [own, honest] = [resultOf(name, cwd), resultOf("honest", cwd)];
    if (!(own.bytes > honest.bytes + 100 * 784))
      throw new Error(`Its receipt does not state its memory: ${JSON.stringify(own.bytes)}.`);
  },
};

/** A cheat must be caught by what is said to catch it. */
export async function cheat(index) {
  const name = cheats[index % cheats.length];
  const level = caughtBy[name];
  try {
    await inFolder(async (cwd) => {
      if (level in judges) {
        await judges[level](name, cwd);
        return;
      }
      const found = await convictions(name, cwd);
      if (!found.includes(level))
        throw new Error(`${level} does not convict it; what does: ${found.join(", ") || "nothing"}.`);
    });
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
  return level === "nothing" ? "honest and believed" : `caught by ${level}`;
}
