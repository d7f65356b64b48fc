import { invalid } from "./error.js";
import type { Tag } from "./experiments.js";
import type { NewMetric } from "./metric.js";
import { encode } from "./names.js";

/** What a run logs at once; any number of each. */
export interface Batch {
  readonly runId: string;
  readonly metrics?: readonly NewMetric[] | undefined;
  /** Keys of at most 250 characters, values of at most 6000; a parameter cannot change its value. */
  readonly params?: readonly Tag[] | undefined;
  /** Keys of at most 250 characters, values of at most 8000 (5000 in older versions). */
  readonly tags?: readonly Tag[] | undefined;
}

/** A batch that fits one request. */
export interface BatchPart {
  readonly runId: string;
  readonly metrics: readonly NewMetric[];
  readonly params: readonly Tag[];
  readonly tags: readonly Tag[];
}

/** What one request of MLflow's `log-batch` takes: so many of each, of all together, and bytes of JSON. */
export const batchLimits = { metrics: 1000, params: 100, tags: 100, entities: 1000, bytes: 1_000_000 } as const;

/**
 * A batch in as many parts as MLflow's limits need, each filled before the next. The parts' metrics one after the other
 * are the batch's, in its order; so are params and tags. An empty batch has no parts.
 * @throws MlflowError where one entry alone is too large for a request.
 */
export function splitBatch(batch: Batch): BatchPart[] {
  const { runId, metrics = [], params = [], tags = [] } = batch;
  const queues = [queue("params", params), queue("tags", tags), queue("metrics", metrics)] as const;
  const frame = bytesOf({ runId, metrics: [], params: [], tags: [] });
  const parts: BatchPart[] = [];
  while (queues.some((one) => !one.empty())) {
    const room = { entities: batchLimits.entities as number, bytes: batchLimits.bytes - frame };
    const part = { runId, params: queues[0].take(room), tags: queues[1].take(room), metrics: queues[2].take(room) };
    if (room.entities === batchLimits.entities) throw queues.find((one) => !one.empty())?.tooLarge();
    parts.push(part);
  }
  return parts;
}

/** Entries of one kind, taken from the front while they fit. */
function queue<T extends { readonly key: string }>(kind: "metrics" | "params" | "tags", entries: readonly T[]) {
  const sizes = entries.map((entry) => bytesOf(entry) + 1); // with a comma
  let from = 0;
  return {
    empty: () => from === entries.length,
    take(room: { entities: number; bytes: number }): readonly T[] {
      const begin = from;
      while (
        from < entries.length &&
        from - begin < batchLimits[kind] &&
        room.entities > 0 &&
        sizes[from] <= room.bytes
      ) {
        room.entities--;
        room.bytes -= sizes[from++];
      }
      return entries.slice(begin, from);
    },
    tooLarge: () =>
      invalid(
        `Of the ${kind}, ${JSON.stringify(entries[from].key.slice(0, 100))} alone takes ${sizes[from]} bytes; MLflow takes ${batchLimits.bytes} in a request. Upload it as an artifact.`,
      ),
  };
}

const bytesOf = (value: object): number => new TextEncoder().encode(JSON.stringify(encode(value))).length;
