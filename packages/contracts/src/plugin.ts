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

/** What a plugin of each kind is handed. `folder` is where the user keeps data sets, if they said. */
export interface Given<N extends Need = Need> {
  dataset: { readonly folder: string | undefined };
  stream: { readonly dataset: Dataset; readonly random: Random } & ("stream" extends N
    ? { readonly stream: Stream }
    : unknown);
  scenario: { readonly stream: Stream };
  network: { readonly inputs: number; readonly outputs: number; readonly random: Random };
  optimizer: { readonly network: Network };
  buffer: { readonly random: Random };
  learner: { readonly network: Network; readonly random: Random } & ("buffer" extends N
    ? { readonly buffer: Buffer }
    : unknown);
  metric: object;
  tracker: { readonly directory: string };
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
  /** Makes one part; `options` were checked. @throws RangeError where they do not fit each other or what is given. */
  create(options: OptionsOf<S>, given: Given<N>[K]): Parts[K] | Promise<Parts[K]>;
}
