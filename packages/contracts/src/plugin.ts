import type { Augmentation, Views } from "./augmentation.js";
import type { Buffer } from "./buffer.js";
import type { Dataset } from "./dataset.js";
import type { Learner } from "./learner.js";
import type { Metric } from "./metric.js";
import type { DifferentiableNetwork, FastPaths, Network, NetworkCore, Backward } from "./network.js";
import type { Optimizer } from "./optimizer.js";
import type { OptionsOf, OptionsSchema } from "./options.js";
import type { Random } from "./random.js";
import type { Scenario } from "./scenario.js";
import type { Stream } from "./stream.js";
import type { Tracker } from "./tracker.js";

/** The part that a plugin of each kind makes. */
export interface Parts {
  dataset: Dataset;
  stream: Stream;
  scenario: Scenario;
  network: NetworkCore & Partial<FastPaths> & Partial<Backward>;
  optimizer: Optimizer;
  augmentation: Augmentation;
  buffer: Buffer;
  learner: Learner;
  metric: Metric;
  tracker: Tracker;
}

/** A kind of plugin: the contract that it implements. */
export type Kind = keyof Parts;

/**
 * What a part needs from the run around it. A run that cannot provide it is refused before it starts.
 * - `"network"`: a network to train; the learner may ask for more of them.
 * - `"backward"`: a network with `backward`, for a loss of the learner's own.
 * - `"buffer"`: a buffer to keep examples in.
 * - `"taskLabels"`: the task's number in training examples.
 * - `"testTaskLabels"`: the task's number in queries, too.
 * - `"boundaries"`: to be told where a task ends, by `endTask`; each experience is then of one task.
 * - `"of"`: another part of the same kind, which the spec names in `of`.
 */
export type Need = "network" | "backward" | "buffer" | "taskLabels" | "testTaskLabels" | "boundaries" | "of";

/** The version of the contracts. It is raised when plugins have to change. */
export type ContractVersion = 2;

/** The size of what goes into a network and of what comes out. */
export interface Size {
  /** The inputs' shape, row by row, channels last; MNIST: [28, 28, 1]. */
  readonly shape: readonly number[];
  /** The number of input values of an example: the product of `shape`. */
  readonly inputs: number;
  /** The number of output units. */
  readonly outputs: number;
}

/** Makes a further network with the run's network plugin and options. The run saves it and disposes of it. */
export type CreateNetwork<T extends Network = Network> = (
  /** Names the network, its generator and its state; each network of a learner has another name. */
  name: string,
  /** What differs from the learner's first network. */
  size?: Partial<Pick<Size, "shape" | "outputs">>,
) => Promise<T>;

type Trains<T extends Network> = { readonly network: T; readonly createNetwork: CreateNetwork<T> };

/** What each need adds to what a learner is handed. */
type LearnerNeeds<N> = ("backward" extends N
  ? Trains<DifferentiableNetwork>
  : "network" extends N
    ? Trains<Network>
    : unknown) &
  ("buffer" extends N ? { readonly buffer: Buffer } : unknown);

interface Handed<N extends Need> {
  /** `folder` is where the user keeps data sets, if they said. */
  dataset: { readonly folder: string | undefined };
  stream: { readonly dataset: Dataset; readonly random: Random };
  scenario: { readonly stream: Stream };
  /** Paths in options are relative to `folder`, the spec's. */
  network: Size & { readonly folder: string | undefined; readonly random: Random };
  /** `vector` makes vectors of zeros of θ's size, for running averages and the like; `trained` is the network's, if it has it. */
  optimizer: Pick<Network, "vector" | "trained">;
  augmentation: Pick<Size, "shape" | "inputs"> & { readonly random: Random };
  buffer: Size & { readonly random: Random };
  learner: Size & { readonly random: Random; readonly views: Views } & LearnerNeeds<N>;
  metric: object;
  tracker: object;
}

/** A part as others receive it: a network is completed by what its plugin left out. */
export type Complete<K extends Kind> = K extends "network" ? Network : Parts[K];

/** What `create` of a plugin of this kind is handed, with these needs. */
export type Dependencies<K extends Kind, N extends Need = never> = Handed<N>[K] &
  ("of" extends N ? { readonly of: Complete<K> } : unknown);

/** Options that no longer depend on the machine or on a file. */
export interface ResolvedOptions<S extends OptionsSchema = OptionsSchema> {
  readonly options: OptionsOf<S>;
  /** What the run's record adds to its description of the machine. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a plugin is told of the place where a run is planned. */
export interface PluginContext {
  /** The spec's folder, to which paths in options are relative. */
  readonly folder: string;
  /** Identifies the code of a module, given by its absolute path: a hash of it and of every file that it leads to. */
  version(file: string): string;
}

/** One finding of a plugin about the machine. */
export interface Diagnostic {
  /** Such as a backend's name. */
  readonly name: string;
  readonly works: boolean;
  /** What it is and how fast, or why it does not work and what to do: a sentence. */
  readonly finding: string;
}

/** An implementation of one contract, with the name by which a spec finds it. */
export interface Plugin<K extends Kind = Kind, S extends OptionsSchema = OptionsSchema, N extends Need = never> {
  readonly kind: K;
  /** `[a-z0-9-]+`; its package is `@everlearn/<kind>-<name>`. */
  readonly name: string;
  /** The version of the contracts that it is written for. A plugin for another version is refused, with how to migrate. */
  readonly contract: ContractVersion;
  /** One sentence. */
  readonly description: string;
  /** Where the method comes from: arXiv identifier, DOI or citation. */
  readonly paper?: string;
  readonly options: S;
  /** What it needs, or a function that derives this from the options. */
  readonly needs?: readonly N[] | ((options: OptionsOf<S>) => readonly N[]);
  /**
   * Decides what the options leave open, such as which of several libraries computes. The run uses, records and is
   * identified by the result. Options that are resolved already are returned as they are.
   * @throws RangeError if the options cannot be satisfied
   */
  resolveOptions?(options: OptionsOf<S>, context: PluginContext): ResolvedOptions<S> | Promise<ResolvedOptions<S>>;
  /** Tries whatever depends on the machine, for `everlearn doctor`. Packages are looked for from `folder`. */
  diagnose?(context: Pick<PluginContext, "folder">): Promise<readonly Diagnostic[]>;
  /** Makes one part. `options` have been checked. @throws RangeError if they do not fit each other or what is given */
  create(options: OptionsOf<S>, given: Dependencies<K, N>): Parts[K] | Promise<Parts[K]>;
}
