import type { Need, TaskLabels } from "@everlearn/contracts";
import type { EvaluationProtocol, Protocol } from "./spec.js";
import type { Use } from "./use.js";

/** A run composed in code: the fields of a spec, with a `use` for each plugin. What is left out is as in a spec. */
export interface Composition<N extends Need = Need, G extends TaskLabels = TaskLabels> {
  /** The name of its folder and in tables (`run`): 1 to 64 of the characters a-z, 0-9, ".", "_" and "-". */
  readonly name?: string;
  readonly description?: string;
  readonly dataset?: Use<"dataset">;
  readonly stream: Use<"stream">;
  readonly scenario?: Use<"scenario", Need, G>;
  readonly network?: Use<"network">;
  readonly optimizer?: Use<"optimizer">;
  readonly augmentation?: readonly Use<"augmentation">[];
  readonly learner: Use<"learner", N>;
  readonly buffer?: Use<"buffer">;
  /** How many examples of the stream the learner observes at once, from 1. */
  readonly batchSize?: number;
  readonly evaluation?: Partial<EvaluationProtocol>;
  readonly metrics?: readonly Use<"metric">[];
  readonly trackers?: readonly Use<"tracker">[];
  readonly label?: string;
  readonly settings?: readonly string[];
  readonly protocol?: Protocol;
}

/**
 * Checks a learner's needs when a composition is compiled: the buffer must be there or must not, and the scenario must
 * grant task labels. Where a need is not met, the field's type is the sentence that says why. Needs that depend on
 * options are checked when the run is planned.
 */
export type Fitting<N extends Need, G extends TaskLabels> = WithBuffer<N> & WithScenario<Refusal<N, G>>;

type WithBuffer<N> = "buffer" extends N
  ? { readonly buffer: Use<"buffer"> }
  : { readonly buffer?: "This learner uses no buffer; remove it." };

type WithScenario<R> = [R] extends [never] ? unknown : { readonly scenario: R };

type Refusal<N, G extends TaskLabels> =
  | Refused<N, "testTaskLabels", Exclude<G, "never" | "training">, "needs task labels at test">
  | Refused<N, "taskLabels", Exclude<G, "never">, "needs task labels during training">;

/** The sentence where the need is there and nothing that may be granted suffices. */
type Refused<N, Asked extends Need, Enough, Lack extends string> = Asked extends N
  ? [Enough] extends [never]
    ? `This learner ${Lack}, which this scenario does not grant.`
    : never
  : never;
