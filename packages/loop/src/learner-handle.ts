import type { Cell } from "@everlearn/composition";
import type { State } from "@everlearn/contracts";
import { respond } from "./in-process.js";
import type { Ahead } from "./loop.js";
import type { Reply, Request } from "./step.js";

/** What a process has taken of its machine, by the system's account. */
export interface Usage {
  /** Seconds of all its threads on processors. */
  readonly cpuSeconds: number;
  /** The most bytes of memory that it had. */
  readonly peakBytes: number;
}

/** A run's learner, in this process or in another one. */
export interface LearnerHandle {
  /** Answers a request of the loop. The parts that "save" answers are all that changes during the run. */
  request(request: Request): Reply | Promise<Reply>;
  /** Takes back the parts that "save" answered, perhaps in an earlier process. */
  load(parts: Readonly<Record<string, State>>): void | Promise<void>;
  /** The final θ in canonical order; undefined without a network. */
  theta(): Float32Array | undefined | Promise<Float32Array | undefined>;
  /** What its process has taken of the machine, where it has one and the system tells. */
  usage?(): Usage | undefined;
  /** Ends its process. */
  dispose?(): void | Promise<void>;
  /** How much requests may hold; absent: as little as there is to ask. */
  readonly ahead?: Ahead;
}

/** The handle of a learner that is in this process. */
export function inThisProcess(cell: Cell): LearnerHandle {
  return {
    request: (request) => respond(cell, request),
    load(parts) {
      for (const [place, state] of Object.entries(parts)) cell.parts[place].load(state);
    },
    theta: () => cell.network?.theta.toArray(),
  };
}
