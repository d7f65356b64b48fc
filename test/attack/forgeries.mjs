// Attacks by receipts that lie and are sealed rightly: a value is another one, and the seal is that of the lie.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { notVouched, verify } from "@everlearn/bench";
import { readReceipts, sealOf } from "@everlearn/records";
import { inFolder } from "./command.mjs";
import { chooser } from "./hostile.mjs";
import { finished, from } from "./reading.mjs";

/** The fields of which `verify` says that it does not vouch for them, and what identifies or seals a receipt. */
const open = new Set([...notVouched, "journal", "spec/name", "spec/label", "spec/description", "spec/trackers"]);

function leavesOf(value, path = []) {
  if (typeof value !== "object" || value === null) return [path];
  return Object.keys(value).flatMap((key) => leavesOf(value[key], [...path, key]));
}

/** Another value that could stand there. */
function lied(value, choose) {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number")
    return choose.of([value + 1, value * 0.5 + 0.25, Math.min(1, value + 0.01), value + 1e-9, 0, 1, 100]);
  if (typeof value !== "string") return choose.of([0, 1, "", true]);
  if (/^[0-9a-f]{40,64}$/.test(value)) return value.replace(/^./, (first) => (first === "0" ? "1" : "0"));
  return choose.of([`${value}s`, value.slice(0, -1), "mer", "2.0.0", value.toUpperCase()]);
}

/** Replaces one or two values, or leaves a field out. @returns the paths of what was changed */
function forge(receipt, choose) {
  const paths = [];
  for (let left = 1 + choose.below(2); left > 0; left--) {
    const path = choose.of(leavesOf(receipt).filter(([first]) => first !== "seal"));
    const [parent, key] = [path.slice(0, -1).reduce((value, step) => value[step], receipt), path.at(-1)];
    const value = lied(parent[key], choose);
    if (Object.is(value, parent[key]) || value === undefined) continue;
    parent[key] = value;
    paths.push(path.join("/"));
  }
  return paths;
}

export async function forgery(index, seed) {
  const choose = chooser(seed, "forgeries", index);
  const { receipt } = await finished();
  const { seal: _, ...lie } = JSON.parse(receipt);
  const paths = forge(lie, choose);
  return inFolder(async (folder) => {
    const directory = join(folder, "small", "seed-0");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "result.json"), JSON.stringify({ ...lie, seal: sealOf(lie) }));
    const read = [];
    for await (const found of readReceipts([directory])) if ("receipt" in found) read.push(found);
    if (read.length === 0) return "refused";
    for await (const { differences, identity } of verify(read, { from, seed: 0 })) {
      if (differences.length > 0) return "told by verify";
      if (identity.length > 0) return "told as another identity";
    }
    const believed = paths.filter((path) => !open.has(path) && !open.has(path.split("/")[0]));
    if (believed.length > 0) throw new Error(`verify vouches for a receipt that lies in ${believed.join(", ")}.`);
    return "lies in what nobody vouches for";
  });
}
