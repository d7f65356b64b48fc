import { SpecError } from "@everlearn/contracts";
import type { Executor } from "./executor.js";
import type { WorkerPlaces } from "./messages.js";
import { describeEnd, statusOf } from "./process-end.js";
import { createProcessPool } from "./process-pool.js";

/** The folders of worker processes, and how long they are waited for. */
export interface ProcessExecutorOptions extends WorkerPlaces {
  /** Seconds without a sign of life after which a process is given up (1800). */
  readonly patience?: number | undefined;
}

/**
 * Runs cells in processes of this machine, each of which runs one at a time and then waits, warm, for the next. They are
 * started as they are needed: there are as many as requests that are under way at once. A cell that fails in a process
 * which others used before is tried again in a fresh one, so that what they left behind is not held against it.
 */
export function createProcessExecutor({ patience = 1800, ...places }: ProcessExecutorOptions): Executor {
  const pool = createProcessPool(places, patience);
  return {
    async plan(request, listener = {}) {
      const answer = await pool.ask({ type: "plan", request }, { listener, seconds: Infinity, fresh: false });
      if (answer.type === "planned") return answer.planned;
      if (answer.type === "refused") throw new SpecError(answer.problems);
      const { source, name } = request.spec;
      const who = `${source ? `${source.file}: ` : ""}${name} cannot be planned`;
      throw new SpecError(`${who}: ${pool.stopping ? "it was stopped." : describeEnd(answer)}`);
    },
    async run(request, listener = {}, signal) {
      const { seconds = Infinity, memory = null } = request.spec.protocol?.budget ?? {};
      // What others left in a process's memory would count as the cell's own.
      const fresh = memory !== null;
      const answer = await pool.ask({ type: "run", request, memory }, { listener, signal, seconds, fresh });
      if (answer.type === "ended") return { status: answer.result.status, result: answer.result };
      if (answer.type === "stopped" || pool.stopping || signal?.aborted) return { status: "stopped" };
      if (answer.type === "locked") return { status: "locked", message: answer.message };
      return { status: statusOf(answer), message: describeEnd(answer, memory) };
    },
    async check(request, listener = {}, signal) {
      const answer = await pool.ask({ type: "check", request }, { listener, signal, seconds: Infinity, fresh: false });
      if (answer.type === "checked") return { status: "checked", honesty: answer.honesty };
      if (answer.type === "stopped" || pool.stopping || signal?.aborted) return { status: "stopped" };
      if (answer.type === "locked") return { status: "locked", message: answer.message };
      return { status: statusOf(answer), message: describeEnd(answer) };
    },
    stop: () => pool.stop(),
    close: () => pool.close(),
  };
}
