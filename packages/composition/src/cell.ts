import type { Buffer, Learner, Metric, Network, Scenario, Stateful, Stream } from "@everlearn/contracts";
import type { Plan } from "./plan.js";
import type { EvaluationProtocol, RunSpec } from "./spec.js";

/** What a learner is taught and tested with, at one seed: all of a cell but the learner and what it trains. */
export interface Course {
  readonly name: string;
  readonly seed: number;
  /** The plan's spec: every part with all its options. */
  readonly spec: RunSpec;
  readonly specId: string;
  /** SHA-256 of the rules of the suite that it belongs to. */
  readonly suite?: string;
  /** SHA-256 of specId and seed. */
  readonly cellId: string;
  /** The plugins by their place in the spec. */
  readonly plugins: Plan["plugins"];
  /** SHA-256 of the data set's examples. */
  readonly checksum: string;
  /** What the stream's classes are called, by their numbers, where they are the data set's. */
  readonly classNames?: readonly string[];
  /** What plugins add to the run's description of the machine. */
  readonly environment?: Plan["environment"];
  readonly batchSize: number;
  readonly evaluation: EvaluationProtocol;
  readonly stream: Stream;
  readonly scenario: Scenario;
  /** Whether the learner is told where tasks end. */
  readonly boundaries: boolean;
  /** The spec's own metrics, by their plugins' names. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** The state of everything in it that changes during the run, by its place; a checkpoint holds all of it. */
  readonly parts: Readonly<Record<string, Stateful>>;
  /** Disposes of every part, the last made first. A second call does nothing. */
  dispose(): Promise<void>;
}

/** A learner with the networks and the buffer that it was handed. */
export interface LearnerSide {
  /** Absent where the learner needs none. */
  readonly network?: Network;
  readonly learner: Learner;
  readonly buffer?: Buffer;
  /**
   * The state of everything that changes with the learner, by its place. The learner keeps, from one example to the
   * next, "learner", "buffer", "network", and those whose names begin with one of these and "/".
   */
  readonly parts: Readonly<Record<string, Stateful>>;
  /** Gradients of one example's loss that the networks have computed, those before a checkpoint was loaded included. */
  gradients(): number;
  /** The loss that the learner's network found last; undefined before, and without a network. */
  loss(): number | undefined;
  /** Disposes of every part, the last made first. A second call does nothing. */
  dispose(): Promise<void>;
}

/** A run at one seed, ready to start: its course and its learner. `parts` holds the states of both. */
export interface Cell extends Course, LearnerSide {
  readonly parts: Readonly<Record<string, Stateful>>;
  dispose(): Promise<void>;
}
