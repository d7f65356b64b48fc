import type { Buffer } from "./buffer.js";
import type { Dataset } from "./dataset.js";
import type { Learner } from "./learner.js";
import type { Metric } from "./metric.js";
import type { Network } from "./network.js";
import type { OptionsOf, OptionsSchema } from "./options.js";
import type { Random } from "./random.js";
import type { Scenario } from "./scenario.js";
import type { Stream } from "./stream.js";
import type { Tracker } from "./tracker.js";

/** What a plugin of each kind makes. */
export interface Parts {
  dataset: Dataset;
  stream: Stream;
  scenario: Scenario;
  network: Network;
  /** The network given to it, whose `descend` and `step` move θ in the optimizer's way and whose state includes its own. */
  optimizer: Network;
  buffer: Buffer;
  learner: Learner;
  metric: Metric;
  tracker: Tracker;
}

/** The kinds of plugin: which contract one implements. */
export type Kind = keyof Parts;

/**
 * What a part asks of the run around it; a run that cannot grant it is refused before it starts.
 * - `"buffer"`: a learner keeps examples in one.
 * - `"taskLabels"`: training examples carry their task's number.
 * - `"testTaskLabels"`: so do queries.
 * - `"boundaries"`: the learner is told where a task ends, by `endTask`; each experience is of one task.
 * - `"stream"`: a stream is made of another one, which the spec names in `of`.
 */
export type Need = "buffer" | "taskLabels" | "testTaskLabels" | "boundaries" | "stream";

/** What a plugin of each kind is handed. */
export interface Given<N extends Need = Need> {
  /** `folder` is where the user keeps data sets, if they said. */
  dataset: { readonly folder: string | undefined };
  stream: { readonly dataset: Dataset; readonly random: Random } & ("stream" extends N
    ? { readonly stream: Stream }
    : unknown);
  scenario: { readonly stream: Stream };
  /** `inputs` is the product of `shape`, the inputs' shape; paths in options are relative to `folder`, the spec's. */
  network: {
    readonly inputs: number;
    readonly shape: readonly number[];
    readonly outputs: number;
    readonly folder: string | undefined;
    readonly random: Random;
  };
  optimizer: { readonly network: Network };
  buffer: { readonly random: Random };
  learner: { readonly network: Network; readonly random: Random } & ("buffer" extends N
    ? { readonly buffer: Buffer }
    : unknown);
  metric: object;
  tracker: object;
}

/** What options leave to the machine or to a file, decided. */
export interface Settled<S extends OptionsSchema = OptionsSchema> {
  readonly options: OptionsOf<S>;
  /** What else the run's record says of it, beside the machine's name and the like. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What options are settled by. */
export interface Surroundings {
  /** The spec's folder, to which paths in options are relative. */
  readonly folder: string;
  /** What stands for the code of a module, given by its absolute path: a hash of it and of all that it imports by relative paths. */
  version(file: string): string;
}

/** What a plugin found out of the machine. */
export interface Examined {
  /** Such as a backend's name. */
  readonly name: string;
  readonly works: boolean;
  /** What it is and how fast, or why it does not work and what to do: a sentence. */
  readonly finding: string;
}

/** One contract's implementation, under the name by which a run's spec finds it. */
export interface Plugin<K extends Kind = Kind, S extends OptionsSchema = OptionsSchema, N extends Need = never> {
  readonly kind: K;
  /** `[a-z0-9-]+`; its package is `@everlearn/<kind>-<name>`. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Where the method comes from: arXiv identifier, DOI or citation. */
  readonly paper?: string;
  readonly options: S;
  /** What it needs, where that depends on the options: a function of them. */
  readonly needs?: readonly N[] | ((options: OptionsOf<S>) => readonly N[]);
  /**
   * Decides what options leave open, such as which of several libraries computes: where it is there, its answer is what
   * the run is made with, is recorded as, and is identified by. It answers settled options as they are.
   * @throws RangeError where they cannot be had
   */
  settle?(options: OptionsOf<S>, surroundings: Surroundings): Settled<S> | Promise<Settled<S>>;
  /** Tries what of it depends on the machine, for `everlearn doctor`; packages are looked for from `folder`. */
  examine?(surroundings: Pick<Surroundings, "folder">): Promise<readonly Examined[]>;
  /** Makes one part; `options` were checked. @throws RangeError where they do not fit each other or what is given. */
  create(options: OptionsOf<S>, given: Given<N>[K]): Parts[K] | Promise<Parts[K]>;
}
