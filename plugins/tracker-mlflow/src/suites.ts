import type { Run, RunStatus, Tag } from "@everlearn/mlflow-client";
import type { Line } from "./line.js";

/** The runs that stand for suites: one in an experiment for each suite's name, whoever runs its cells, and where. */
export interface Suites {
  /** The suite's run, which began with a child that began at this time. Of several that others made at the same moment, all take the same one in the end. */
  parent(experimentId: string, suite: string, startTime: number): Promise<string>;
  /** The suite's run is marked as running. */
  begin(experimentId: string, suite: string, startTime: number): Promise<void>;
  /** Gives the suites that were asked for the status that their children add up to. */
  settle(): Promise<void>;
}

const key = "everlearn.parent";

export function createSuites({ client, inTurn }: Line): Suites {
  interface Known {
    readonly experimentId: string;
    readonly tag: Tag;
    run: Run;
    status: RunStatus;
  }
  const known = new Map<string, Promise<Known>>();

  /** The earliest of a suite's runs, of equally early ones the one with the first id. */
  async function first(experimentId: string, { key, value }: Tag): Promise<Run | undefined> {
    const found: Run[] = [];
    const filter = `tags.\`${key}\` = '${value.replaceAll("'", "_")}'`;
    for await (const run of client.runs.search({ experimentIds: [experimentId], filter })) found.push(run);
    const order = ({ info }: Run) => `${String(info.startTime).padStart(16, "0")} ${info.runId}`;
    return found.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))[0];
  }

  async function found(experimentId: string, suite: string, startTime: number): Promise<Known> {
    const tag = { key, value: suite.replaceAll("'", "_") };
    const tags = [tag, { key: "everlearn.suite", value: suite }, { key: "mlflow.source.name", value: "everlearn" }];
    let run = await inTurn(() => first(experimentId, tag));
    if (!run) {
      const made = await inTurn(() => client.runs.getOrCreate({ experimentId, runName: suite, startTime, tags }, tag));
      run = (await inTurn(() => first(experimentId, tag))) ?? made;
      // Another was made at the same moment; this one has no children yet.
      if (run.info.runId !== made.info.runId) await inTurn(() => client.runs.delete(made.info.runId));
    }
    return { experimentId, tag, run, status: run.info.status };
  }

  function get(experimentId: string, suite: string, startTime: number): Promise<Known> {
    const id = JSON.stringify([experimentId, suite]);
    const one = known.get(id) ?? found(experimentId, suite, startTime);
    known.set(id, one);
    one.catch(() => known.delete(id)); // the next call tries again
    return one;
  }

  async function update(one: Known, status: RunStatus, endTime?: number): Promise<void> {
    if (one.status === status) return;
    await inTurn(() => client.runs.update({ runId: one.run.info.runId, status, endTime }));
    one.status = status;
  }

  /** Children that hang on another run than the one on which all agree hang on that one from now on. */
  async function agree(one: Known): Promise<Run[]> {
    const { experimentId } = one;
    const children = async (parent: Run) => {
      const filter = `tags.\`mlflow.parentRunId\` = '${parent.info.runId}'`;
      const runs: Run[] = [];
      for await (const run of client.runs.search({ experimentIds: [experimentId], filter })) runs.push(run);
      return runs;
    };
    const right = await inTurn(() => first(experimentId, one.tag));
    if (right && right.info.runId !== one.run.info.runId) {
      for (const { info } of await inTurn(() => children(one.run)))
        await inTurn(() =>
          client.runs.setTag({ runId: info.runId, key: "mlflow.parentRunId", value: right.info.runId }),
        );
      await inTurn(() => client.runs.delete(one.run.info.runId));
      [one.run, one.status] = [right, right.info.status];
    }
    return inTurn(() => children(one.run));
  }

  return {
    parent: async (...suite) => (await get(...suite)).run.info.runId,
    begin: async (...suite) => update(await get(...suite), "RUNNING"),
    async settle() {
      for (const pending of known.values()) {
        const one = await pending;
        const children = await agree(one);
        const has = (status: RunStatus) => children.some(({ info }) => info.status === status);
        const status = (["RUNNING", "FAILED", "KILLED"] as const).find(has) ?? "FINISHED";
        const ends = children.map(({ info }) => info.endTime ?? 0);
        await update(one, status, status === "RUNNING" ? undefined : Math.max(one.run.info.startTime, ...ends));
      }
    },
  };
}
