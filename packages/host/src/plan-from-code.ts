import { basename, dirname } from "node:path";
import {
  type Choice,
  type Composition,
  type FoundPlugin,
  type Plan,
  pluginProblems,
  type Use,
} from "@everlearn/composition";
import { type Kind, type Plugin, SpecError } from "@everlearn/contracts";
import { runsOf } from "@everlearn/records";
import { resolvePlugin } from "./find.js";
import { type Installed, installed } from "./installed.js";
import { plan } from "./plan.js";
import { sourceVersion } from "./source.js";

/** The file that a composition was written in, where its packages and data are, and its seed. */
export interface CompositionPlace {
  /**
   * The file that it is written in. Paths in options are relative to its folder, plugins' packages are looked for from
   * there, and a plugin that is of no package is known by this file's source and all that it imports by relative paths.
   */
  readonly file?: string | undefined;
  /** Further folders in which packages are looked for. */
  readonly from: readonly string[];
  /** The folder in which the user keeps data sets. */
  readonly folder?: string | undefined;
  readonly seed?: number;
}

/** The fields of specs with several runs or several seeds, which a composition cannot have. */
const several = ["runs", "learners", "in", "seeds"];

const single = ["dataset", "stream", "scenario", "network", "optimizer", "learner", "buffer"] as const;

/**
 * Plans a run that is composed in code: the spec that says the same is written, and planned as any other. A plugin that
 * a package exports is named as that package, so that both have one identity.
 * @throws SpecError with all that is wrong, a sentence a line
 */
export async function planComposition(
  composition: Composition,
  { file, from: others, folder, seed = 0 }: CompositionPlace,
): Promise<Plan> {
  const from = file === undefined ? others : [dirname(file), ...others];
  const known = await installed(from);
  const called = file === undefined ? "composition" : basename(file);
  const problems: string[] = [];
  const code: Record<string, FoundPlugin> = {};

  /** The choice as a spec has it. */
  async function written(kind: Kind, part: Use, place: string): Promise<Choice> {
    const { plugin, options, of } = (part ?? {}) as Partial<Use>;
    const problem = whyNotUsed(kind, plugin);
    if (problem !== undefined) {
      problems.push(`${called}: /${place} ${problem}`);
      return { use: "" };
    }
    const found = await identified(plugin as Plugin, from, known, file);
    if (typeof found === "string") problems.push(`${called}: /${place}: ${found}`);
    else code[place] = found.resolved;
    const inner = of === undefined ? {} : { of: await written(kind, of, `${place}/of`) };
    return { ...options, ...inner, use: typeof found === "string" ? "" : found.use };
  }

  const list = (kind: "augmentation" | "metric" | "tracker", field: string, parts: readonly Use[]): Promise<Choice[]> =>
    Promise.all(parts.map((part, i) => written(kind, part, `${field}/${i}`)));

  const { augmentation, metrics, trackers, ...rest } = composition;
  const document: Record<string, unknown> = { name: "run" };
  for (const [field, value] of Object.entries(rest)) {
    if (value !== undefined) document[field] = value;
    if (several.includes(field))
      problems.push(
        `${called}: /${field} is not a field of a composition, which is a single run at one seed; pass the seed beside it.`,
      );
  }
  for (const kind of single)
    if (document[kind] !== undefined) document[kind] = await written(kind, document[kind] as Use, kind);
  if (augmentation) document.augmentation = await list("augmentation", "augmentation", augmentation);
  if (metrics) document.metrics = await list("metric", "metrics", metrics);
  if (trackers) document.trackers = await list("tracker", "trackers", trackers);
  if (problems.length > 0) throw new SpecError(problems);
  const [run] = runsOf({ ...document, seeds: [seed] }, called);
  return plan(run, { from, folder, code });
}

function whyNotUsed(kind: Kind, plugin: unknown): string | undefined {
  if (typeof plugin !== "object" || plugin === null) return "must be a choice such as use(plugin, { … }).";
  const wrong = pluginProblems(plugin);
  if (wrong.length > 0) return `is no plugin: ${wrong.join("; ")}.`;
  const found = (plugin as Plugin).kind;
  return found === kind ? undefined : `must be a ${kind}, but "${(plugin as Plugin).name}" is a ${found}.`;
}

/** The package that exports this very object, and the shortest name by which a spec finds it; or why there is none. */
async function identified(
  plugin: Plugin,
  from: readonly string[],
  known: readonly Installed[],
  file: string | undefined,
): Promise<{ readonly use: string; readonly resolved: FoundPlugin } | string> {
  const { kind, name } = plugin;
  const packages = known.filter((one) => one.kind === kind && one.name === name).map((one) => one.package);
  for (const use of packages.length > 0 ? [name, ...packages] : []) {
    const resolved = await resolvePlugin(kind, use, from, known).catch(unresolved);
    if (resolved?.plugin === plugin) return { use, resolved };
  }
  if (file === undefined)
    return `the ${kind} "${name}" is of no package that is installed here, so that nothing says which code it is; say from: import.meta.url, and it is known by the source of that file.`;
  return { use: name, resolved: { plugin, package: `./${basename(file)}`, version: sourceVersion(file) } };
}

/** Ignores SpecErrors: a plugin that cannot be resolved by name is not the one that was imported. */
function unresolved(error: unknown): undefined {
  if (!(error instanceof SpecError)) throw error;
}
