import { resolve } from "node:path";
import { type FoundPlugin, type Plan, planRun, type RunSpec } from "@everlearn/composition";
import type { Kind } from "@everlearn/contracts";
import { checkOptions } from "@everlearn/records";
import { resolvePlugin } from "./find.js";
import { type Installed, installed } from "./installed.js";
import { sourceVersion } from "./source.js";

/** The folders of a run's plugins and data. */
export interface PlanPlaces {
  /** The folders in which plugins are looked for. The first is the spec's, to which paths are relative. */
  readonly from: readonly string[];
  /** The folder in which the user keeps data sets. */
  readonly folder?: string | undefined;
  /** The plugins that are at hand already, by their place in the spec. */
  readonly code?: Readonly<Record<string, FoundPlugin>>;
  /** The packages among which plugins are looked for, instead of all that are installed in the folders. */
  readonly known?: readonly Installed[];
  /** Called with each file of code that the spec names by its path, before it is imported; it may throw a SpecError. */
  readonly guard?: (file: string) => void;
}

/**
 * Plans a run with the plugins that are installed: resolves them, checks their options and what they need of each other,
 * loads its data set, and puts the run together once, so that whatever is refused is refused before anything starts.
 * @throws SpecError with all that is wrong, a sentence a line
 */
export async function plan(run: RunSpec, places: PlanPlaces): Promise<Plan> {
  const { from, folder, code = {}, guard } = places;
  const known = places.known ?? (await installed(from));
  return planRun(run, {
    find: async <K extends Kind>(kind: K, use: string, place: string) =>
      (code[place] as FoundPlugin<K> | undefined) ?? resolvePlugin(kind, use, from, known, guard),
    checkOptions,
    folder: resolve(from[0] ?? "."),
    data: folder,
    version(file) {
      guard?.(file);
      return sourceVersion(file);
    },
  });
}
