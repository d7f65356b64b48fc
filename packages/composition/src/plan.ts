import type { Dataset, Kind, OptionsOf, OptionsSchema, Plugin } from "@everlearn/contracts";
import type { FoundPlugin, PlannedParts } from "./planned-part.js";
import type { RunSpec } from "./spec.js";

/** What a run's record says of a plugin: its short name, its package (or path), and that one's version (or hash). */
export interface PluginIdentity {
  readonly name: string;
  readonly package: string;
  readonly version: string;
}

/** A run whose plugins are loaded and whose options and needs were checked. */
export interface Plan {
  /** The spec with every option of every part; plain JSON, without its source. */
  readonly spec: RunSpec;
  /** SHA-256 of everything in it that can change a result. */
  readonly specId: string;
  /** The plugins by their place in the spec: "learner", "stream/of", "metrics/0". */
  readonly plugins: Readonly<Record<string, PluginIdentity>>;
  readonly parts: PlannedParts;
  /** Loaded; shared by all cells. */
  readonly dataset: Dataset;
  /** What sentences about the run begin with: its file and its path therein. */
  readonly where: string;
  /** Paths in options are relative to it. */
  readonly folder: string;
  /** What plugins add to the record of the machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Finds the plugin that a spec names. @param place where in the spec, such as "learner" @throws SpecError */
export type FindPlugin = <K extends Kind>(kind: K, use: string, place: string) => Promise<FoundPlugin<K>>;

/** Options as a plugin's `create` receives them, defaults filled in. @throws SpecError, a sentence for each that is wrong */
export type CheckOptions = (
  plugin: Pick<Plugin, "kind" | "name" | "options">,
  options: Readonly<Record<string, unknown>>,
  where: string,
) => OptionsOf<OptionsSchema>;

/** What planning asks of the place where it happens: a process with node_modules, or a page with plugins at hand. */
export interface PlanContext {
  readonly find: FindPlugin;
  readonly checkOptions: CheckOptions;
  /** The spec's folder, absolute, to which paths in options are relative. */
  readonly folder: string;
  /** Where the user keeps data sets. */
  readonly data?: string | undefined;
  /** What stands for the code of a module, given by its absolute path. */
  version(file: string): string;
}
