import { type Client, MlflowError } from "@everlearn/mlflow-client";
import pLimit from "p-limit";
import type { Point } from "./points.js";

/** The connection to a server: a limited number of requests at once, and points that arrive exactly once. */
export interface Line {
  readonly client: Client;
  /** Does something as soon as fewer requests are under way than are allowed at once. */
  inTurn<T>(act: () => Promise<T>): Promise<T>;
  /**
   * Sends points of a run. They are taken out of `queue` as they are known to be there; where nobody can know, they are
   * in its `unsure` until the server was asked what it has. Cut short at any moment, none is lost or sent twice.
   * @throws MlflowError where the server fails again and again; what is left stays in the queue
   */
  send(runId: string, queue: Queue): Promise<void>;
}

/** What is to be sent to a run. */
export interface Queue {
  /** Never sent, or known not to have arrived. */
  unsent: Point[];
  /** Sent, but whether they arrived is not known. */
  unsure: Point[];
}

/** How long a server is tried that fails again and again. */
export interface Patience {
  /** How often all may fail in a row, after the first time. */
  readonly retries: number;
  /** The first wait in milliseconds, doubled from failure to failure. */
  readonly backoff: number;
}

/** Requests at once, and points in each. */
const WIDTH = 8;
const BATCH = 1000;
/** Milliseconds: the longest wait. A server that wishes for a longer one is left alone for now. */
const LONGEST = 30_000;

export function createLine(client: Client, { retries, backoff }: Patience): Line {
  const inTurn: Line["inTurn"] = pLimit(WIDTH);

  /** Those of the points that the run does not have. */
  async function missing(runId: string, points: readonly Point[]): Promise<Point[]> {
    const keys = [...new Set(points.map(({ key }) => key))];
    const there = new Set<string>();
    await all(
      keys.map((metricKey) =>
        inTurn(async () => {
          for await (const { value, step, timestamp } of client.runs.metricHistory({ runId, metricKey }))
            there.add(identity({ key: metricKey, value, step, timestamp }));
        }),
      ),
    );
    return points.filter((point) => !there.has(identity(point)));
  }

  async function send(runId: string, queue: Queue): Promise<void> {
    for (let failures = 0; ; ) {
      if (queue.unsure.length > 0) {
        // MLflow is asked before anything is sent again: metrics are only ever added to.
        queue.unsent = [...(await missing(runId, queue.unsure)), ...queue.unsent];
        queue.unsure = [];
      }
      const batches: Point[][] = [];
      for (let i = 0; i < queue.unsent.length; i += BATCH) batches.push(queue.unsent.slice(i, i + BATCH));
      if (batches.length === 0) return;
      const errors: unknown[] = [];
      const held: Point[] = [];
      queue.unsent = [];
      await Promise.all(
        batches.map((metrics) =>
          inTurn(async () => {
            // After as many failures as requests go out at once, the others wait.
            if (errors.length >= WIDTH || errors.some(isFinal)) held.push(...metrics);
            else
              await client.runs.logBatch({ runId, metrics }, { retries: 0 }).catch((error: unknown) => {
                errors.push(error);
                if (error instanceof MlflowError && !error.ambiguous) held.push(...metrics);
                else queue.unsure.push(...metrics);
              });
          }),
        ),
      );
      queue.unsent = held;
      if (errors.length === 0) continue;
      const final = errors.find(isFinal);
      if (final !== undefined) throw final as Error;
      failures = held.length + queue.unsure.length < batches.length * BATCH - BATCH ? 1 : failures + 1;
      if (failures > retries) throw errors[errors.length - 1] as Error;
      const asked = Math.max(...errors.map((error) => (error as MlflowError).retryAfter ?? 0)) * 1000;
      if (asked > LONGEST) throw errors[errors.length - 1] as Error;
      await wait(Math.max(asked, Math.min(backoff * 2 ** (failures - 1), LONGEST)));
    }
  }

  return { client, inTurn, send };
}

/** The results, in order. Unlike `Promise.all`, nothing is still under way when it rejects. */
export async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason as Error;
    return one.value;
  });
}

const isFinal = (error: unknown): boolean => !(error instanceof MlflowError && error.transient);
const identity = ({ key, value, step, timestamp }: Point): string => `${step} ${timestamp} ${value} ${key}`;
const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
