import { resolve } from "node:path";
import type { PartRecord, PlanRecord } from "@everlearn/composition";
import { RunError, StoppedError } from "@everlearn/contracts";
import { isPath } from "@everlearn/host";
import { commitmentOf, type Secret, withoutSecret } from "@everlearn/records";
import type { Progress } from "@everlearn/runner";
import pMap from "p-map";
import type { Listener } from "../executor.js";
import { compareResults } from "../comparison.js";
import type { KnownData } from "../messages.js";
import { describeEnd } from "../process-end.js";
import { createProcessPool, type ProcessPool } from "../process-pool.js";
import type { TrustedCode } from "../trusted-code.js";
import {
  type AuditedCell,
  conditionsOf,
  folderOf,
  measureOf,
  type PublicRerun,
  type Submission,
} from "./submission.js";

/** Options of an audit: where it is recorded, which code may run, and who is told of its progress. */
export interface AuditOptions extends TrustedCode {
  /** The folder in which runs are recorded, so that a later call goes on where this one is stopped. */
  readonly out: string;
  /** The folder that holds data sets. */
  readonly folder?: string | undefined;
  /** The folder of the secret's file, to which its paths are relative. */
  readonly place: string;
  /** Whether receipts are run again on their own data, too, and compared. */
  readonly rerun: boolean;
  /** How many submissions are run at once, from 1. */
  readonly jobs: number;
  /** Seconds without a sign of life after which a run is given up. */
  readonly patience: number;
  readonly signal?: AbortSignal;
  /** Called with each submission at a seed that has ended. */
  readonly onCell?: (cell: AuditedCell) => void;
  /** Called with the progress of runs. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * What a secret is committed to by: a hash over it, its salt and the checksum of its data, which are loaded for that in a
 * process of their own.
 * @throws RunError where they cannot be loaded; the sentence does not repeat the secret
 */
export async function commit(
  secret: Secret,
  { place, from, folder, patience = 1800 }: Pick<AuditOptions, "place" | "from" | "folder"> & { patience?: number },
): Promise<{ readonly checksum: string; readonly commitment: string }> {
  const pool = createProcessPool({ out: ".", from, data: folder }, patience);
  try {
    const data = { choice: secret.dataset, from: [resolve(place), ...from] };
    const answer = await pool.ask({ type: "load data", data }, termsOf({}));
    if (answer.type !== "data loaded")
      throw new RunError(`The secret data cannot be loaded: ${withoutSecret(describeEnd(answer), secret)}`);
    return { checksum: answer.checksum, commitment: commitmentOf(secret, answer.checksum) };
  } finally {
    await pool.close();
  }
}

/**
 * Runs submissions on data that only their organiser knows, and where that is asked for on their own data again. All else of
 * a run stays: stream, scenario, learner, buffer, network, seeds. Each has fresh processes. One plans it, and alone loads
 * everything that it names; it is not told of the secret. One has the secret data, teaches and tests, and loads none of the
 * learner's code. The learner's own is handed examples as they come and queries. A second call with the same folder goes on
 * where an earlier one was stopped.
 * @throws StoppedError where the signal aborts; RunError where the secret data cannot be loaded
 */
export async function audit(
  all: readonly Submission[],
  secret: Secret,
  options: AuditOptions,
): Promise<{ readonly commitment: string; readonly cells: readonly AuditedCell[] }> {
  const { from, folder, place, patience, jobs, signal, onCell } = options;
  const { checksum, commitment } = await commit(secret, options);
  const data = { choice: secret.dataset, from: [resolve(place), ...from], checksum, alias: commitment };
  const pool = createProcessPool({ out: resolve(options.out), from, data: folder }, patience);
  const stop = () => pool.stop();
  signal?.addEventListener("abort", stop);
  const one = async (submission: Submission): Promise<AuditedCell[]> => {
    try {
      if (signal?.aborted) return [];
      const cell = await audited(submission, { pool, data, secret }, options);
      onCell?.(cell);
      return [cell];
    } catch (error) {
      if (error instanceof StoppedError) return []; // the others need their time to come to a checkpoint
      throw error;
    }
  };
  try {
    const cells = (await pMap(all, one, { concurrency: jobs })).flat();
    if (signal?.aborted) throw new StoppedError();
    return { commitment, cells };
  } finally {
    signal?.removeEventListener("abort", stop);
    await pool.close();
  }
}

const termsOf = (listener: Listener) => ({ listener, seconds: Infinity, group: "audit", fresh: true });

interface Auditing {
  readonly pool: ProcessPool;
  readonly data: KnownData;
  readonly secret: Secret;
}

async function audited(
  submission: Submission,
  { pool, data, secret }: Auditing,
  options: AuditOptions,
): Promise<AuditedCell> {
  const { receipt } = submission;
  const declared = receipt ? measureOf(receipt) : null;
  const planned = await planOf(submission, pool, options);
  const clean = (sentences: readonly string[]) => sentences.map((one) => withoutSecret(one, secret));
  if (!("plan" in planned)) {
    const nothing = { specId: null, conditions: null, rerun: null, secret: null };
    return { submission, declared, ...nothing, problems: clean(planned.problems) };
  }
  const { plan, identity } = planned;
  const folder = folderOf(submission, plan.specId);
  const place = data.alias.slice(0, 12);
  const run = (task: Pick<RunTask, "type" | "data">, where: string, noun: string) =>
    ranOf({ ...task, plan }, { submission, pool, options, directory: `${place}/${where}/${folder}`, noun });

  const again = options.rerun || !receipt ? await run({ type: "run" }, "public", "its own data") : undefined;
  const refused = planProblems(plan);
  const hidden = refused.length > 0 ? refused : await run({ type: "run on data", data }, "secret", "secret data");
  const isRun = "status" in hidden;
  return {
    submission,
    specId: plan.specId,
    conditions: conditionsOf(plan),
    declared,
    rerun: again ? rerunOf(receipt, again, clean(identity)) : null,
    secret: isRun ? measureOf(hidden) : null,
    problems: isRun ? [] : clean(hidden),
  };
}

/** Why the secret data may not be handed to a run, a sentence each: other code than the learner's would have them. */
function planProblems({ parts: { metrics, stream, scenario } }: PlanRecord): string[] {
  const course = [stream, scenario, ...metrics].filter((part) => part !== undefined);
  const links = (part: PartRecord): PartRecord[] => [part, ...(part.of ? links(part.of) : [])];
  return course
    .flatMap(links)
    .flatMap(({ kind, package: from }) =>
      isPath(from)
        ? [
            `Its ${kind} is code by a path, ${from}, to which the secret data would be handed with their labels; it was not run on them. Only installed packages may have them.`,
          ]
        : [],
    );
}

async function planOf(
  { run, receipt, where, seed }: Submission,
  pool: ProcessPool,
  { from, allow, beside, signal, onProgress }: AuditOptions,
): Promise<
  { readonly plan: PlanRecord; readonly identity: readonly string[] } | { readonly problems: readonly string[] }
> {
  const code = { from, allow, beside };
  const answer = await pool.ask(
    receipt
      ? { type: "plan receipt", request: { found: { receipt, where }, options: code } }
      : { type: "plan submission", request: { run: { ...run, seeds: [seed] }, where, options: code } },
    termsOf({ ...(onProgress && { onProgress }) }),
  );
  if (signal?.aborted || answer.type === "stopped") throw new StoppedError();
  if (answer.type !== "receipt planned") return { problems: [`It could not be planned: ${describeEnd(answer)}`] };
  const { plan, identity, differences } = answer;
  return plan ? { plan, identity } : { problems: differences };
}

interface RunTask {
  readonly type: "run" | "run on data";
  readonly plan: PlanRecord;
  readonly data?: KnownData;
}

interface Running {
  readonly submission: Submission;
  readonly pool: ProcessPool;
  readonly options: AuditOptions;
  /** Within the folder of the audit. */
  readonly directory: string;
  /** The data, in words. */
  readonly noun: string;
}

/** @returns the result, or why there is none */
async function ranOf(
  { type, plan, data }: RunTask,
  { submission: { seed }, pool, options: { signal, onProgress }, directory, noun }: Running,
) {
  const { spec, specId } = plan;
  const request = { spec, folder: ".", specId, seed, directory, resume: true };
  const hear = (progress: Progress) =>
    onProgress?.({ ...progress, name: `${data ? "secret" : "public"}/${progress.name}` });
  const task = data ? ({ type: "run on data", request, plan, data } as const) : ({ type, request, plan } as const);
  const answer = await pool.ask(task as Extract<typeof task, { type: "run on data" }>, termsOf({ onProgress: hear }));
  if (signal?.aborted || answer.type === "stopped") throw new StoppedError();
  if (answer.type === "ended") return answer.result;
  const why = answer.type === "locked" ? answer.message : describeEnd(answer);
  return [`It could not be run on ${noun}: ${why}`];
}

function rerunOf(
  receipt: Submission["receipt"],
  ran: Awaited<ReturnType<typeof ranOf>>,
  identity: readonly string[],
): PublicRerun {
  if (!("status" in ran)) return { outcome: "not run", differences: ran, identity, measure: null };
  const measure = measureOf(ran);
  const differences = receipt ? compareResults(receipt, ran).differences : [];
  return { outcome: differences.length > 0 ? "different" : "reproduced", differences, identity, measure };
}
