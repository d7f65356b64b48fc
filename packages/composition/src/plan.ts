import type { Dataset, Kind, OptionsOf, OptionsSchema, Plugin } from "@everlearn/contracts";
import type { FoundPlugin, PlannedParts } from "./planned-part.js";
import type { RunSpec } from "./spec.js";

/**
 * Identifies a plugin in a run's record: its short name, its package or path, and the package's version or a hash of
 * the code.
 */
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
  /** SHA-256 of the rules of the suite that it belongs to. */
  readonly suite?: string;
  /** The plugins by their place in the spec: "learner", "stream/of", "augmentation/0", "metrics/0". */
  readonly plugins: Readonly<Record<string, PluginIdentity>>;
  readonly parts: PlannedParts;
  /** Loaded; shared by all cells. */
  readonly dataset: Dataset;
  /** The beginning of error messages about the run: its file, and its path in that file. */
  readonly where: string;
  /** Paths in options are relative to it. */
  readonly folder: string;
  /** What plugins add to the run's description of the machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The part of a plan that a learner is made from, with its networks and buffer. */
export interface LearnerPlan extends Pick<Plan, "where" | "folder"> {
  readonly parts: Pick<PlannedParts, "network" | "optimizer" | "augmentation" | "learner" | "buffer">;
}

/** Finds the plugin that a spec names. @param place where in the spec, such as "learner" @throws SpecError */
export type FindPlugin = <K extends Kind>(kind: K, use: string, place: string) => Promise<FoundPlugin<K>>;

/** Options as a plugin's `create` receives them, defaults filled in. @throws SpecError, a sentence for each that is wrong */
export type CheckOptions = (
  plugin: Pick<Plugin, "kind" | "name" | "options">,
  options: Readonly<Record<string, unknown>>,
  where: string,
) => OptionsOf<OptionsSchema>;

/**
 * How plugins are found and options are checked where a run is planned: in a process with node_modules, or in a page
 * that imports its plugins.
 */
export interface PlanContext {
  readonly find: FindPlugin;
  readonly checkOptions: CheckOptions;
  /** The spec's folder, absolute, to which paths in options are relative. */
  readonly folder: string;
  /** The folder in which the user keeps data sets. */
  readonly data?: string | undefined;
  /** A version of the code of a module, given by its absolute path. */
  version(file: string): string;
}
