import type { Kind, Need, OptionsOf, OptionsSchema } from "@everlearn/contracts";
import type { Resolved } from "./find.js";
import type { Choice } from "./spec.js";

/** A plugin and the options with which the run uses it, defaults filled in. */
export interface Chosen<K extends Kind = Kind> extends Resolved<K> {
  readonly use: string;
  readonly options: OptionsOf<OptionsSchema>;
  /** What it adds to the record of the machine. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Of a stream that is made of another one: that one. */
  readonly of?: Chosen<"stream">;
}

/** The plugins of a run, with the options of each. */
export interface ChosenParts {
  readonly dataset: Chosen<"dataset">;
  readonly stream: Chosen<"stream">;
  readonly scenario: Chosen<"scenario">;
  readonly network: Chosen<"network">;
  readonly optimizer?: Chosen<"optimizer">;
  readonly learner: Chosen<"learner">;
  readonly buffer?: Chosen<"buffer">;
  readonly metrics: readonly Chosen<"metric">[];
  readonly trackers: readonly Chosen<"tracker">[];
}

/** A choice with every option of every link. */
export const spelled = ({ use, options, of }: Chosen): Choice => ({ use, ...options, ...(of && { of: spelled(of) }) });

/** What a part with these options needs of the run. */
export function needsOf({ plugin, options }: Chosen): readonly Need[] {
  const { needs = [] } = plugin;
  return typeof needs === "function" ? needs(options) : needs;
}

/** A stream, then that of which it is made, and so on. */
export function linksOf(stream: Chosen<"stream">): Chosen<"stream">[] {
  return [stream, ...(stream.of ? linksOf(stream.of) : [])];
}
