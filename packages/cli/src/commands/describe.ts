import type { Kind, Need, OptionForm, OptionSchema, Plugin } from "@everlearn/contracts";
import { installed, resolvePlugin } from "@everlearn/host";
import { distance } from "fastest-levenshtein";
import { out } from "../color.js";
import { Failure } from "../failure.js";
import { searchPath } from "../search-path.js";
import { textTable } from "../table.js";

const needPhrases: Readonly<Record<Need, (kind: Kind) => string>> = {
  network: () => "network",
  backward: () => "network with backward",
  buffer: () => "buffer",
  taskLabels: () => "task labels during training",
  testTaskLabels: () => "task labels at test",
  boundaries: () => "to be told where tasks end",
  of: (kind) => `another ${kind}, in "of"`,
};

/** What a plugin of a kind needs, such as "network, buffer". */
export const describeNeeds = (kind: Kind, needs: readonly Need[]): string =>
  needs.map((need) => needPhrases[need](kind)).join(", ");

/** A row for each option: its name, type and range, default, and meaning. */
export const optionRows = ({ options }: Pick<Plugin, "options">): string[][] =>
  Object.entries(options).map(([name, schema]) => [name, typeOf(schema), defaultOf(schema), schema.description]);

/** `everlearn describe NAME`: prints what a plugin is, where it comes from, what it needs, and its options. */
export async function describe(name: string): Promise<void> {
  const from = searchPath();
  const known = await installed(from);
  const matches = known.filter(({ kind, name: short, package: full }) =>
    [short, `${kind}-${short}`, full].includes(name),
  );
  if (matches.length === 0) {
    const names = known.map(({ name: short }) => short).sort((a, b) => distance(name, a) - distance(name, b));
    throw new Failure(
      `There is no plugin "${name}" here; the nearest names are ${names.slice(0, 3).join(", ")} (everlearn list shows all).`,
    );
  }
  for (const match of matches) {
    const { plugin } = await resolvePlugin(match.kind, match.package, from);
    process.stdout.write(
      `${out.bold(`${plugin.kind} ${plugin.name}`)} ${out.dim(`${match.package} ${match.version}`)}\n${plugin.description}\n`,
    );
    if (plugin.paper) process.stdout.write(`Source: ${plugin.paper}\n`);
    const { needs = [] } = plugin;
    if (typeof needs === "function") process.stdout.write("Its needs depend on its options.\n");
    else if (needs.length > 0) process.stdout.write(`Needs: ${describeNeeds(plugin.kind, needs)}\n`);
    const rows = optionRows(plugin);
    process.stdout.write(
      rows.length > 0
        ? `${textTable(["option", "type and range", "default", "meaning"], rows, [15, 22, 10, 0])}\n`
        : "It has no options.\n",
    );
  }
}

function defaultOf(schema: OptionSchema): string {
  return schema.default === undefined ? "required" : JSON.stringify(schema.default);
}

function typeOf(schema: OptionSchema | OptionForm): string {
  if ("anyOf" in schema) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") {
    const { type, minimum }: { readonly type: string; readonly minimum?: number } = schema.items;
    return `list of ${type}s${minimum === undefined ? "" : ` ≥ ${minimum}`}`;
  }
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "string")
    return schema.enum ? schema.enum.map((value) => JSON.stringify(value)).join(" or ") : "string";
  const bounds = [
    schema.minimum === undefined ? "" : `≥ ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? "" : `> ${schema.exclusiveMinimum}`,
    schema.maximum === undefined ? "" : `≤ ${schema.maximum}`,
    schema.exclusiveMaximum === undefined ? "" : `< ${schema.exclusiveMaximum}`,
  ].filter((bound) => bound !== "");
  return [schema.type, bounds.join(", ")].filter((part) => part !== "").join(" ");
}
