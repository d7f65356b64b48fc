import type { Kind, Need, OptionsOf, OptionsSchema, Plugin } from "@everlearn/contracts";
import type { Choice } from "./spec.js";

/** A loaded plugin, and what identifies its code. */
export interface FoundPlugin<K extends Kind = Kind> {
  readonly plugin: Plugin<K>;
  /** The package's name, or the path as it was written. */
  readonly package: string;
  /** The package's version; of a path, a hash of its source and of all that it imports. */
  readonly version: string;
  /** The module that it was imported from; absent where it was handed over in code. */
  readonly url?: string;
}

/** A plugin and the options with which the run uses it, defaults filled in. */
export interface PlannedPart<K extends Kind = Kind> extends FoundPlugin<K> {
  readonly use: string;
  readonly options: OptionsOf<OptionsSchema>;
  /** What the plugin adds to the run's description of the machine. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The part that this one is made of, if it is made of another one. */
  readonly of?: PlannedPart<K>;
}

/** The plugins of a run, with the options of each. */
export interface PlannedParts {
  readonly dataset: PlannedPart<"dataset">;
  readonly stream: PlannedPart<"stream">;
  readonly scenario: PlannedPart<"scenario">;
  readonly network?: PlannedPart<"network">;
  readonly optimizer?: PlannedPart<"optimizer">;
  /** In the order in which they apply; empty where the run augments nothing. */
  readonly augmentation: readonly PlannedPart<"augmentation">[];
  readonly learner: PlannedPart<"learner">;
  readonly buffer?: PlannedPart<"buffer">;
  readonly metrics: readonly PlannedPart<"metric">[];
  readonly trackers: readonly PlannedPart<"tracker">[];
}

/** The choice that a spec writes for a part, with every option of every link of its chain. */
export const choiceFor = ({ use, options, of }: PlannedPart): Choice => ({
  use,
  ...options,
  ...(of && { of: choiceFor(of) }),
});

/** The needs of a part with these options. */
export function needsOf({ plugin, options }: Pick<PlannedPart, "plugin" | "options">): readonly Need[] {
  const needs: readonly Need[] | ((options: OptionsOf<OptionsSchema>) => readonly Need[]) = plugin.needs ?? [];
  return typeof needs === "function" ? needs(options) : needs;
}

/** A part, then the one that it is made of, and so on. */
export function chainOf<T extends { readonly of?: T }>(part: T): T[] {
  return [part, ...(part.of ? chainOf(part.of) : [])];
}

/** Whether any link of a part's chain has a need. */
export function chainNeeds(part: PlannedPart, ...needs: readonly Need[]): boolean {
  return chainOf(part).some((link) => needsOf(link).some((need) => needs.includes(need)));
}

/** All parts by their place in the spec: "learner", "stream/of", "augmentation/0", "metrics/0". */
export function places({ augmentation, metrics, trackers, ...single }: PlannedParts): Record<string, PlannedPart> {
  const chains = Object.entries<PlannedPart>({
    ...single,
    ...Object.fromEntries(augmentation.map((part, i) => [`augmentation/${i}`, part])),
    ...Object.fromEntries(metrics.map((part, i) => [`metrics/${i}`, part])),
    ...Object.fromEntries(trackers.map((part, i) => [`trackers/${i}`, part])),
  });
  return Object.fromEntries(
    chains.flatMap(([place, part]) => chainOf(part).map((link, i) => [`${place}${"/of".repeat(i)}`, link])),
  );
}
