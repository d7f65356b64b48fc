// Loaded into each process of a command: lets the Nth call of one function of node:fs fail, counted in calls on what lies in a
// folder, as if the system had refused it.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { call, at, code, within } = JSON.parse(process.env.EVERLEARN_FAULT);
const opened = new Set();
const original = { ...fs };
let count = 0;

const concerns = (target) => (typeof target === "number" ? opened.has(target) : String(target).includes(within));

function failing(name, work) {
  return (...args) => {
    if (concerns(args[0]) && ++count === at)
      throw Object.assign(new Error(`${code}: refused by the attack, ${name}`), { code, syscall: name, path: args[0] });
    return work(...args);
  };
}

fs.openSync = (...args) => {
  const descriptor = original.openSync(...args);
  if (concerns(args[0])) opened.add(descriptor);
  return descriptor;
};
fs.closeSync = (descriptor) => {
  original.closeSync(descriptor);
  opened.delete(descriptor);
};
fs[call] = failing(call, fs[call]);
syncBuiltinESMExports();
