// npm run attack [-- --seed N] [--only specs,receipts,journals,…] [--count N] [--from N]: tries to break promises, and prints counts.
// A breach says which attempt it was; `--only KIND --from N --count 1` repeats that one.
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { attacks } from "./attacks.mjs";

const { values } = parseArgs({
  options: { seed: { type: "string" }, only: { type: "string" }, count: { type: "string" }, from: { type: "string" } },
});
const [seed, from] = [Number(values.seed ?? 0), Number(values.from ?? 0)];
const kinds = values.only?.split(",") ?? Object.keys(attacks);
const BLOCK = 200;
/** Milliseconds that one attempt may take. */
const PATIENCE = 60_000;

/** Has a block of attempts made by a process. @returns where to go on: after the attempt at which it died, or at the end */
function attempted(attack, first, to, hear) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL("child.mjs", import.meta.url)), {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: ["--max-old-space-size=1024"],
    });
    let [at, ended] = [first, false];
    let clock;
    const watch = () => {
      clearTimeout(clock);
      clock = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    };
    watch();
    child.on("message", ({ index, done, ...end }) => {
      watch();
      if (done) ended = true;
      else if (end.ended === undefined) at = index;
      else {
        hear(index, end);
        at = index + 1;
      }
      if (done) child.kill();
    });
    child.on("exit", (code, signal) => {
      clearTimeout(clock);
      if (!ended) hear(at, { ended: "breach", what: `its process ended with ${signal ?? code}, or took a minute` });
      resolve(ended ? to : at + 1);
    });
    child.send({ attack, from: first, to, seed });
  });
}

let breaches = 0;
for (const kind of kinds) {
  if (!attacks[kind]) throw new Error(`There is no attack "${kind}"; there are ${Object.keys(attacks).join(", ")}.`);
  const end = from + Number(values.count ?? attacks[kind].count);
  const counts = {};
  const hear = (index, { ended, what }) => {
    counts[ended] = (counts[ended] ?? 0) + 1;
    if (ended !== "breach") return;
    breaches++;
    console.log(`${kind} ${index} (seed ${seed}): ${what}`);
  };
  let next = from;
  const worker = async () => {
    while (next < end) {
      const [first, to] = [next, Math.min(next + BLOCK, end)];
      next = to;
      for (let at = first; at < to; ) at = await attempted(kind, at, to, hear);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  console.log(
    `${kind}: ${end - from} tried, ${Object.entries(counts)
      .map(([what, n]) => `${n} ${what}`)
      .join(", ")}`,
  );
}
console.log(`${breaches} breaches`);
process.exitCode = breaches > 0 ? 1 : 0;
