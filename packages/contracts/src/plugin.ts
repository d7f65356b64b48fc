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

/** What a plugin of each kind makes. */
export interface Parts {
  dataset: Dataset;
  stream: Stream;
  scenario: Scenario;
  network: NetworkCore & Partial<FastPaths> & Partial<Backward>;
  optimizer: Optimizer;
  buffer: Buffer;
  learner: Learner;
  metric: Metric;
  tracker: Tracker;
}

/** The kinds of plugin: which contract one implements. */
export type Kind = keyof Parts;

/**
 * What a part asks of the run around it; a run that cannot grant it is refused before it starts.
 * - `"network"`: a learner trains a network, and may ask for more of the same kind.
 * - `"backward"`: a learner has a loss of its own, and a network with `backward`.
 * - `"buffer"`: a learner keeps examples in one.
 * - `"taskLabels"`: training examples carry their task's number.
 * - `"testTaskLabels"`: so do queries.
 * - `"boundaries"`: the learner is told where a task ends, by `endTask`; each experience is of one task.
 * - `"of"`: a part is made of another one of its kind, which the spec names in `of`.
 */
export type Need = "network" | "backward" | "buffer" | "taskLabels" | "testTaskLabels" | "boundaries" | "of";

/** The number of the contracts that a plugin is written for; it is raised when plugins have to change. */
export type ContractVersion = 2;

/** What goes in and what comes out. */
export interface Size {
  /** The inputs' shape, row by row, channels last; MNIST: [28, 28, 1]. */
  readonly shape: readonly number[];
  /** The number of input values of an example: the product of `shape`. */
  readonly inputs: number;
  /** The number of output units. */
  readonly outputs: number;
}

/** Makes a further network with the run's network plugin and its options. Whoever calls it neither saves nor disposes of it. */
export type CreateNetwork<T extends Network = Network> = (
  /** Names its generator and its state: another name, another network. */
  name: string,
  /** What is otherwise than in the learner's first network. */
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
  /** `vector` makes vectors of zeros of θ's size, for running averages and the like. */
  optimizer: { vector(): ReturnType<Network["vector"]> };
  buffer: Size & { readonly random: Random };
  learner: Size & { readonly random: Random } & LearnerNeeds<N>;
  metric: object;
  tracker: object;
}

/** A part as those that it is handed to see it: of a network, what its plugin left out is derived. */
export type Complete<K extends Kind> = K extends "network" ? Network : Parts[K];

/** What a plugin of a kind is handed, with these needs. */
export type Dependencies<K extends Kind, N extends Need = never> = Handed<N>[K] &
  ("of" extends N ? { readonly of: Complete<K> } : unknown);

/** Options in which nothing is left to the machine or to a file any more. */
export interface ResolvedOptions<S extends OptionsSchema = OptionsSchema> {
  readonly options: OptionsOf<S>;
  /** What else the run's record says of it, beside the machine's name and the like. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a plugin can ask of the place where a run is planned. */
export interface PluginContext {
  /** The spec's folder, to which paths in options are relative. */
  readonly folder: string;
  /** What stands for the code of a module, given by its absolute path: a hash of it and of all that it imports by relative paths. */
  version(file: string): string;
}

/** What a plugin found out about the machine. */
export interface Diagnostic {
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
  /** The contracts that it is written for. A plugin for others is refused, with the address of a page on how to migrate. */
  readonly contract: ContractVersion;
  /** One sentence. */
  readonly description: string;
  /** Where the method comes from: arXiv identifier, DOI or citation. */
  readonly paper?: string;
  readonly options: S;
  /** What it needs; a function of the options where it depends on them. */
  readonly needs?: readonly N[] | ((options: OptionsOf<S>) => readonly N[]);
  /**
   * Decides what options leave open, such as which of several libraries computes. The run is made with its answer,
   * recorded with it and identified by it. It answers resolved options as they are.
   * @throws RangeError where they cannot be had
   */
  resolveOptions?(options: OptionsOf<S>, context: PluginContext): ResolvedOptions<S> | Promise<ResolvedOptions<S>>;
  /** Tries what of it depends on the machine, for `everlearn doctor`; packages are looked for from `folder`. */
  diagnose?(context: Pick<PluginContext, "folder">): Promise<readonly Diagnostic[]>;
  /** Makes one part; `options` were checked. @throws RangeError where they do not fit each other or what is given. */
  create(options: OptionsOf<S>, given: Dependencies<K, N>): Parts[K] | Promise<Parts[K]>;
}
