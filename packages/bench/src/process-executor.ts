import type { PlanRecord } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import type { Executor, Listener } from "./executor.js";
import { createGroups } from "./groups.js";
import type { WorkerPlaces } from "./messages.js";
import { describeEnd, statusOf } from "./process-end.js";
import { createProcessPool, type ProcessPool } from "./process-pool.js";
import type { PlannedRun, PlanRequest } from "./request.js";

/** The folders of worker processes, and how long they are waited for. */
export interface ProcessExecutorOptions extends WorkerPlaces {
  /** Seconds without a sign of life after which a process is given up (1800). */
  readonly patience?: number | undefined;
}

/**
 * Runs cells in processes of this machine. One kind of process plans: it alone loads all of a run's plugins. Another kind
 * has the data, tests and records, and starts a further process for each cell's learner, which is handed examples and
 * queries only. Processes are started as they are needed, and used again among runs that trust each other's code:
 * everlearn's own plugins, and those of the same strangers.
 */
export function createProcessExecutor({ patience = 1800, ...places }: ProcessExecutorOptions): Executor {
  const pool = createProcessPool(places, patience);
  const groups = createGroups(places.from);
  /** What is planned or being planned, by what was asked; seeds change no plan. */
  const plans = new Map<string, Promise<{ readonly planned: PlannedRun; readonly plan: PlanRecord }>>();

  function planOf(request: PlanRequest, listener: Listener = {}) {
    const { seeds: _, ...spec } = request.spec;
    const key = JSON.stringify([spec, request.folder]);
    const known = plans.get(key) ?? askForPlan(request, listener);
    plans.set(key, known);
    known.catch(() => plans.delete(key)); // what was wrong may be corrected
    return known;
  }

  async function askForPlan(request: PlanRequest, listener: Listener) {
    const group = await groups.ofSpec(request);
    const answer = await pool.ask({ type: "plan", request }, { listener, seconds: Infinity, group });
    if (answer.type === "planned") return answer;
    if (answer.type === "refused") throw new SpecError(answer.problems, { cause: thrownThere(answer) });
    const { source, name } = request.spec;
    const who = `${source ? `${source.file}: ` : ""}${name} cannot be planned`;
    throw new SpecError(`${who}: ${pool.stopping ? "it was stopped." : describeEnd(answer)}`, {
      cause: thrownThere(answer),
    });
  }

  /** The plan with the seeds of this request, which a result shows. @throws SpecError where it is another one now */
  async function samePlan(request: PlanRequest & { readonly specId: string }): Promise<PlanRecord> {
    const { plan } = await planOf(request);
    if (plan.specId !== request.specId)
      throw new SpecError(`${plan.where}A plugin or the data changed after the suite was planned; start again.`);
    return { ...plan, spec: { ...plan.spec, seeds: request.spec.seeds } };
  }

  return {
    async plan(request, listener) {
      return (await planOf(request, listener)).planned;
    },
    async run(request, listener = {}, signal) {
      const { seconds = Infinity, memory = null } = request.spec.protocol?.budget ?? {};
      const plan = await samePlan(request).catch(refusal);
      if ("problem" in plan) return { status: "failed", message: plan.problem };
      const group = groups.ofCourse(plan);
      const answer = await pool.ask({ type: "run", request, plan }, { listener, signal, seconds, group });
      if (answer.type === "ended") return { status: answer.result.status, result: answer.result };
      if (answer.type === "stopped" || pool.stopping || signal?.aborted) return { status: "stopped" };
      if (answer.type === "locked") return { status: "locked", message: answer.message };
      const cause = thrownThere(answer);
      return { status: statusOf(answer), message: describeEnd(answer, memory), ...(cause && { cause }) };
    },
    async check(request, listener = {}, signal) {
      const plan = await samePlan(request).catch(refusal);
      if ("problem" in plan) return { status: "failed", message: plan.problem };
      const group = groups.ofCourse(plan);
      const answer = await pool.ask({ type: "check", request, plan }, { listener, signal, seconds: Infinity, group });
      if (answer.type === "checked") return { status: "checked", honesty: answer.honesty };
      if (answer.type === "stopped" || pool.stopping || signal?.aborted) return { status: "stopped" };
      if (answer.type === "locked") return { status: "locked", message: answer.message };
      return { status: statusOf(answer), message: describeEnd(answer) };
    },
    stop: () => pool.stop(),
    close: () => pool.close(),
  };
}

/** The error that was thrown in another process, with its stack trace there. */
function thrownThere(answer: Awaited<ReturnType<ProcessPool["ask"]>>): Error | undefined {
  if (!("stack" in answer)) return undefined;
  const error = new Error("It was thrown in another process.");
  error.stack = answer.stack;
  return error;
}

/** Why a run cannot be planned any more. */
function refusal(error: unknown): { readonly problem: string } {
  if (error instanceof SpecError) return { problem: error.problems.join(" ") };
  throw error;
}
