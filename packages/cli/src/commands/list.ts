import { relative } from "node:path";
import { kinds } from "@everlearn/contracts";
import { type Installed, installed } from "@everlearn/host";
import { out } from "../color.js";
import { warn } from "../failure.js";
import { kindOf } from "../kind.js";
import { searchPath } from "../search-path.js";
import { textTable } from "../table.js";

/** `everlearn list [kind]`: the plugins installed here, and those that come with the command. Loads none of their code. */
export async function list(name?: string): Promise<void> {
  const kind = name === undefined ? undefined : kindOf(name);
  const found = (await installed(searchPath())).filter((plugin) => !kind || plugin.kind === kind);
  if (found.length === 0) {
    process.stdout.write(`No ${kind ?? "plugin"} is installed.\n`);
    return;
  }
  found.sort(
    (a, b) => a.place - b.place || kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.name.localeCompare(b.name, "en"),
  );
  const groups = grouped(found, ({ place, directory }) => {
    const folder = directory.slice(0, directory.lastIndexOf("node_modules") + "node_modules".length);
    return place === 0 ? `In ${relative(process.cwd(), folder)}` : `With the command, in ${folder}`;
  });
  const tables = [...groups].map(([heading, plugins]) => `${out.bold(`${heading}:`)}\n${tableOf(plugins)}\n`);
  process.stdout.write(tables.join("\n"));
  for (const problem of [...found.flatMap(({ problem = [] }) => problem), ...clashes(found)]) warn(problem);
}

function tableOf(plugins: readonly Installed[]): string {
  const rows = plugins.map((plugin) => [
    plugin.kind,
    plugin.name,
    plugin.description,
    `${plugin.package} ${plugin.version}`,
    fit(plugin),
  ]);
  const titles = ["kind", "name", "what it is", "package", "fits"];
  const longest = (column: number) =>
    Math.max(...[titles, ...rows].flatMap((row) => row[column].split(" ").map((word) => word.length)));
  return textTable(titles, rows, [longest(0), longest(1), 0, longest(3), longest(4)]);
}

/** Whether a plugin fits this command's version of the contracts, according to its package.json. */
function fit({ contracts, problem }: Installed): string {
  if (problem !== undefined) return "no";
  return contracts === undefined ? "unknown" : "yes";
}

/** A sentence for each name that several packages in one place offer, so that a spec cannot use it. */
function clashes(found: readonly Installed[]): string[] {
  const claims = grouped(found, ({ place, kind, name }) => `${place} ${kind} ${name}`);
  return [...claims.values()]
    .filter((claim) => claim.length > 1)
    .map((claim) => {
      const packages = claim.map(({ package: full }) => `"${full}"`).join(" and ");
      return `Packages ${packages} both offer the ${claim[0].kind} "${claim[0].name}"; name the package in the spec instead.`;
    });
}

function grouped(plugins: readonly Installed[], keyOf: (plugin: Installed) => string): Map<string, Installed[]> {
  const groups = new Map<string, Installed[]>();
  for (const plugin of plugins) groups.set(keyOf(plugin), [...(groups.get(keyOf(plugin)) ?? []), plugin]);
  return groups;
}
