import type { Buffer, Learner, Metric, Network, Scenario, Stateful, Stream } from "@everlearn/contracts";
import type { Plan } from "./plan.js";
import type { EvaluationProtocol, RunSpec } from "./spec.js";

/** A run at one seed, ready to start. */
export interface Cell {
  readonly name: string;
  readonly seed: number;
  /** The plan's spec: every part with all its options. */
  readonly spec: RunSpec;
  readonly specId: string;
  /** SHA-256 of specId and seed. */
  readonly cellId: string;
  /** By their place in the spec. */
  readonly plugins: Plan["plugins"];
  /** SHA-256 of the data set's examples. */
  readonly checksum: string;
  /** What plugins add to the record of the machine. */
  readonly environment?: Plan["environment"];
  readonly batchSize: number;
  readonly evaluation: EvaluationProtocol;
  readonly stream: Stream;
  readonly scenario: Scenario;
  /** Whether the learner is told where tasks end. */
  readonly boundaries: boolean;
  /** Absent where the learner needs none. */
  readonly network?: Network;
  readonly learner: Learner;
  readonly buffer?: Buffer;
  /** By the plugins' names. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /**
   * Everything that changes while the run goes on, by its place: what a checkpoint holds. What a learner has to keep from
   * one example to the next are "learner", "buffer", "network", and those whose names begin with one of these and "/".
   */
  readonly parts: Readonly<Record<string, Stateful>>;
  /** Gradients of one example's loss that the networks have computed, those before a checkpoint was loaded included. */
  gradients(): number;
  /** The loss that the learner's network found last; undefined before, and without a network. */
  loss(): number | undefined;
  /** Lets go of everything, the last made first; a second call does nothing. */
  dispose(): Promise<void>;
}
