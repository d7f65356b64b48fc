import { type FoundPlugin, optionsSchema } from "@everlearn/composition";
import { type Kind, kinds, type Need, SpecError } from "@everlearn/contracts";
import { formsWith } from "@everlearn/records";
import { resolvePlugin } from "./find.js";
import { type Installed, installed } from "./installed.js";

/** A schema, and what could not go into it. */
export interface EditorSchema {
  /** JSON Schema, draft 2020-12. */
  readonly schema: object;
  /** Sentences on plugins that are installed, but cannot be used. */
  readonly problems: readonly string[];
}

/** A loaded plugin under all names by which a spec may use it. */
interface Named extends FoundPlugin {
  readonly names: readonly string[];
}

/**
 * The schema of every file that a run can be read from (one run, a suite, a grid), with the options of each plugin that
 * is installed: what an editor completes and checks. A plugin that is given by its path may have any options. What goes
 * with what, such as a learner with a buffer, is not in it.
 * @param from where plugins are looked for, the folder of the specs first
 */
export async function editorSchema(from: readonly string[]): Promise<EditorSchema> {
  const known = await installed(from);
  const problems: string[] = [];
  const $defs: Record<string, object> = {};
  for (const kind of kinds) {
    const usable: Named[] = [];
    for (const one of known.filter((plugin) => plugin.kind === kind))
      try {
        const found: FoundPlugin = await resolvePlugin(kind, one.package, from, known);
        usable.push({ ...found, names: isNamed(one, known) ? [one.name, one.package] : [one.package] });
      } catch (error) {
        if (!(error instanceof SpecError)) throw error;
        problems.push(...error.problems);
      }
    $defs[kind] = choiceOf(kind, usable);
  }
  const { spec, suite, grid } = formsWith(
    (kind) => ({ $ref: `#/$defs/${kind}` }),
    (kind) => ({ if: { type: "null" }, else: { $ref: `#/$defs/${kind}` } }),
  );
  const has = (field: string) => ({ type: "object", required: [field] });
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A spec of everlearn: one run, or a suite of several",
    $defs,
    // As the host tells them apart.
    ...{ if: has("learners"), then: grid, else: { if: has("runs"), then: suite, else: spec } },
  };
  return { schema, problems };
}

/** Whether a short name leads to this package, and to no other. */
function isNamed({ kind, name, package: full }: Installed, known: readonly Installed[]): boolean {
  const claims = known.filter((plugin) => plugin.kind === kind && plugin.name === name);
  const nearest = claims.filter(({ place }) => place === claims[0].place);
  return nearest.length === 1 && nearest[0].package === full;
}

/** A plugin of a kind by name, with its own options and no others, or by path, with any. */
function choiceOf(kind: Kind, usable: readonly Named[]): object {
  const isPath = { type: "string", pattern: "^\\.{0,2}/" };
  const isName = { type: "string", enum: usable.flatMap(({ names }) => names) };
  return {
    type: "object",
    required: ["use"],
    properties: {
      use: {
        description: `The ${kind}: its name or package, or from the spec's folder the path of a module.`,
        ...(isName.enum.length > 0 ? { if: isPath, else: isName } : isPath),
      },
    },
    ...(usable.length > 0 && {
      allOf: usable.map((one) => ({
        if: { type: "object", required: ["use"], properties: { use: { enum: one.names } } },
        then: optionsOf(one),
      })),
    }),
  };
}

function optionsOf({ plugin }: Named): object {
  const { properties, required, ...rest } = optionsSchema(plugin);
  const needs: readonly Need[] | ((options: never) => readonly Need[]) = plugin.needs ?? [];
  const unknown = typeof needs === "function"; // they depend on the options
  const made = unknown || needs.includes("of");
  return {
    description: [plugin.description, plugin.paper].filter(Boolean).join("\n"),
    ...rest,
    properties: { use: true, ...properties, ...(made ? { of: { $ref: `#/$defs/${plugin.kind}` } } : {}) },
    required: [...required, ...(made && !unknown ? ["of"] : [])],
  };
}
