import { join, resolve } from "node:path";
import { type Course, createCell, type Plan } from "@everlearn/composition";
import { StoppedError } from "@everlearn/contracts";
import { plan } from "@everlearn/host";
import { LockedError } from "@everlearn/records";
import { runCell } from "@everlearn/runner";
import type { Executor } from "../src/executor.js";
import { checkHonesty } from "../src/honesty.js";
import type { PlanRequest } from "../src/request.js";
import { freshLearner, from } from "./fixture.js";

/** An executor that runs cells in this process, which is faster than to start others, into a folder of its own or a suite's. */
export function createLocalExecutor(out: string): Executor {
  const plans = new Map<string, Promise<Plan>>();
  const stop = new AbortController();

  function planOf({ spec, folder }: PlanRequest): Promise<Plan> {
    const key = JSON.stringify([spec, folder]);
    const found = plans.get(key) ?? plan(spec, { from: [resolve(folder), ...from] });
    plans.set(key, found);
    return found;
  }

  /** What a request comes to that fails or is stopped. */
  function outcomeOf(error: unknown) {
    if (error instanceof StoppedError) return { status: "stopped" } as const;
    const { message } = error as Error;
    return error instanceof LockedError
      ? ({ status: "locked", message } as const)
      : ({ status: "failed", message } as const);
  }

  const either = (signal?: AbortSignal) => AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  return {
    async plan(request) {
      const made = await planOf(request);
      const { spec, specId, plugins, where, dataset } = made;
      const { stream, dispose } = await createCell(made, spec.seeds[0]);
      let examples = 0;
      for (let e = 0; e < stream.experiences; e++) examples += stream.train(e).length;
      await dispose();
      return { spec, specId, plugins, where, checksum: dataset.checksum, examples };
    },
    async run(request, listener = {}, signal) {
      const cell = await createCell(await planOf(request), request.seed);
      const { onProgress = () => {} } = listener;
      try {
        const directory = join(out, request.directory);
        const options = { directory, resume: true, signal: either(signal), tuning: request.tuning, onProgress };
        const result = await runCell(cell, options);
        return { status: result.status, result };
      } catch (error) {
        return outcomeOf(error);
      } finally {
        await cell.dispose();
      }
    },
    async check(request, listener = {}, signal) {
      const { onProgress = () => {} } = listener;
      try {
        const directory = join(out, request.directory);
        const options = { directory, signal: either(signal), onProgress };
        const made = await planOf(request);
        const start = (course: Pick<Course, "seed">) => freshLearner(made, course.seed);
        return { status: "checked", honesty: await checkHonesty(made, start, request.result, options) };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    stop: () => stop.abort(),
    close: () => Promise.resolve(),
  };
}
