import { installed } from "@everlearn/host";
import { Failure } from "../failure.js";
import { home } from "../home.js";
import { textTable } from "../table.js";

const kinds = ["dataset", "stream", "scenario", "network", "optimizer", "buffer", "learner", "metric", "tracker"];

/** `everlearn list [kind]`: what is installed here, and what comes with the command. No plugin's code is loaded. */
export async function list(kind?: string): Promise<void> {
  if (kind !== undefined && !kinds.includes(kind))
    throw new Failure(`There is no kind "${kind}" of plugin; there are ${kinds.join(", ")}.`);
  const found = (await installed([process.cwd(), home])).filter((plugin) => !kind || plugin.kind === kind);
  if (found.length === 0) {
    process.stdout.write(`No ${kind ?? "plugin"} is installed.\n`);
    return;
  }
  found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.name.localeCompare(b.name, "en"));
  const rows = found.map((plugin) => [
    plugin.kind,
    plugin.name,
    plugin.description,
    `${plugin.package} ${plugin.version}`,
  ]);
  const titles = ["kind", "name", "what it is", "package"];
  const longest = (column: number) =>
    Math.max(...[titles, ...rows].flatMap((row) => row[column].split(" ").map((word) => word.length)));
  process.stdout.write(`${textTable(titles, rows, [longest(0), longest(1), 0, longest(3)])}\n`);
}
