import type { Client, Dataset, RunInfo } from "@everlearn/mlflow-client";

/** A metric's value with its step and time. */
export type Entry = readonly [step: number, value: number, timestamp: number];

/** All that a server has of a run. */
export interface ReadRun {
  readonly info: RunInfo;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, readonly Entry[]>>;
  readonly datasets: readonly Dataset[];
  readonly files: Readonly<Record<string, Buffer>>;
}

/** Ordered by step, then time, then value. */
export const ordered = (entries: readonly Entry[]): Entry[] =>
  entries.toSorted((a, b) => a[0] - b[0] || a[2] - b[2] || a[1] - b[1]);

export async function readRun(client: Client, runId: string): Promise<ReadRun> {
  const { info, data, inputs } = await client.runs.get(runId);
  const metrics: Record<string, Entry[]> = {};
  await Promise.all(
    data.metrics.map(async ({ key }) => {
      const entries: Entry[] = [];
      for await (const { step, value, timestamp } of client.runs.metricHistory({ runId, metricKey: key }))
        entries.push([step, value, timestamp]);
      metrics[key] = ordered(entries);
    }),
  );
  const files: Record<string, Buffer> = {};
  for (const { path } of await client.artifacts.list({ runId }))
    files[path] = Buffer.from(await (await client.artifacts.download({ runId }, path)).arrayBuffer());
  const record = (pairs: readonly { key: string; value: string }[]) =>
    Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  return {
    ...{ info, metrics, files, tags: record(data.tags), params: record(data.params) },
    datasets: inputs.datasetInputs.map(({ dataset }) => dataset),
  };
}

/** Every run of an experiment that is not deleted, by its name. */
export async function readExperiment(client: Client, name: string): Promise<Map<string, ReadRun>> {
  const { experimentId } = await client.experiments.getByName(name);
  const runs = new Map<string, ReadRun>();
  for await (const { info } of client.runs.search({ experimentIds: [experimentId] })) {
    if (runs.has(info.runName)) throw new Error(`Two runs are called ${info.runName}.`);
    runs.set(info.runName, await readRun(client, info.runId));
  }
  return runs;
}
