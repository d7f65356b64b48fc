import type { Example, Input, Query } from "./example.js";

/** When examples carry their task's number: never, during training only, or also at test. */
export type TaskLabels = "never" | "training" | "always";

/** What a learner is told, and among which outputs it is judged (van de Ven, Tuytelaars & Tolias 2022). */
export interface Scenario {
  readonly taskLabels: TaskLabels;
  /** Whether learners may be told where tasks end; absent: they may. */
  readonly boundaries?: boolean;
  /** How many output units the network needs. */
  readonly outputs: number;
  /** A training example as the learner sees it; `label` is the class's place within the task. */
  example(task: number, x: Input, label: number): Example;
  /** A test example as the learner sees it. */
  query(task: number, x: Input): Query;
  /** The output unit that is right for `label` of `task`. */
  answer(task: number, label: number): number;
}
