import { type Client, MlflowError, type Run } from "@everlearn/mlflow-client";
import type { TrackedRun } from "@everlearn/contracts";
import { datasetOf, identityOf, nameOf, paramsOf, type Start, stateOf, suiteOf, tagsOf } from "./description.js";
import { filesOf } from "./files.js";
import { all, type Line, type Queue } from "./line.js";
import { type Memory, recall, remember } from "./memory.js";
import { createPoints } from "./points.js";
import type { Suites } from "./suites.js";

/** The sending of one journal. */
export interface Delivery {
  /** Sends what is new. @throws MlflowError where not all got through */
  send(run: TrackedRun): Promise<void>;
  /** How many things are known not to be there, or not known to be. */
  pending(): number;
}

/**
 * @param start the journal's first record
 * @param experiment answers the id of the experiment that new runs go to
 */
export function createDelivery(line: Line, suites: Suites, start: Start, experiment: () => Promise<string>): Delivery {
  const { client, inTurn } = line;
  const { value: journal } = identityOf(start);
  const points = createPoints();
  const queue: Queue = { unsent: [], unsure: [] };
  let queued = 0; // of the points, those that were put into the queue or were there before
  let memory: Memory | undefined;
  let left = 1;

  function note(directory: string, changes: Partial<Memory>): void {
    memory = { ...(memory as Memory), ...changes };
    remember(directory, memory);
  }

  /** Finds out which run in MLflow this is, and what it has. */
  async function open(directory: string): Promise<void> {
    if (memory) return;
    const known = recall(directory, client.trackingUri, journal);
    if (known && (await exists(client, known.runId))) memory = known;
    else {
      const experimentId = await experiment();
      const { runId, found } = await findOrCreate(line, suites, start, experimentId);
      const fresh = { server: client.trackingUri, journal, described: false, files: {}, state: "" };
      // Of one that was there nobody remembers what it has.
      note(directory, { ...fresh, experimentId, runId, sent: 0, tried: found ? points.all.length : 0 });
    }
    const { sent, tried } = memory as Memory;
    queue.unsure = points.all.slice(sent, tried);
    queue.unsent = [];
    queued = Math.max(sent, tried);
  }

  async function sendPoints(directory: string): Promise<void> {
    const { runId, sent, tried } = memory as Memory;
    queue.unsent.push(...points.all.slice(queued));
    queued = points.all.length;
    if (sent === queued) return;
    if (tried !== queued) note(directory, { tried: queued });
    await line.send(runId, queue);
    note(directory, { sent: queued });
  }

  async function sendFiles(directory: string): Promise<void> {
    const { runId, files } = memory as Memory;
    const changed = filesOf(directory, start).filter(({ name, sha256 }) => files[name] !== sha256);
    left += changed.length;
    const upload = async ({ name, content, sha256 }: (typeof changed)[number]) => {
      await inTurn(() => client.artifacts.upload({ runId }, name, content));
      note(directory, { files: { ...(memory as Memory).files, [name]: sha256 } });
      left--;
    };
    await all(changed.map(upload));
  }

  async function sendState({ directory, records, running }: TrackedRun): Promise<void> {
    const { runId, experimentId, state } = memory as Memory;
    const { status, endTime, tags } = stateOf(records, running);
    const odd = oddTags(points.notFinite);
    const now = JSON.stringify([status, endTime, tags, odd]);
    if (state === now) return;
    const suite = suiteOf(start);
    if (running && suite !== undefined) await suites.begin(experimentId, suite, Date.parse(start.time));
    const told = [...tags, ...odd];
    if (told.length > 0) await inTurn(() => client.runs.logBatch({ runId, tags: told }));
    await inTurn(() => client.runs.update({ runId, status, endTime }));
    note(directory, { state: now });
  }

  return {
    async send(run) {
      const { directory, records, running } = run;
      points.read(records);
      left = 1;
      await open(directory);
      if (!(memory as Memory).described) {
        await describe(line, start, (memory as Memory).runId);
        note(directory, { described: true });
      }
      // A run that goes on is shown as such at once; one that has ended, when all of it is there.
      if (running) await sendState(run);
      await sendPoints(directory);
      if (!running) await sendFiles(directory);
      if (!running) await sendState(run);
      left = 0;
    },
    pending: () => left + points.all.length - queued + queue.unsent.length + queue.unsure.length,
  };
}

/** The run in MLflow with a journal's identity, found or else made. */
async function findOrCreate(
  { client, inTurn }: Line,
  suites: Suites,
  start: Start,
  experimentId: string,
): Promise<{ readonly runId: string; readonly found: boolean }> {
  const identity = identityOf(start);
  const filter = `tags.\`${identity.key}\` = '${identity.value}'`;
  const [first] = await inTurn(async () => {
    const found: Run[] = [];
    for await (const run of client.runs.search({ experimentIds: [experimentId], filter })) found.push(run);
    return found.toSorted((a, b) => (a.info.runId < b.info.runId ? -1 : 1));
  });
  if (first) return { runId: first.info.runId, found: true };
  const startTime = Date.parse(start.time);
  const suite = suiteOf(start);
  const parent = suite === undefined ? [] : [await suites.parent(experimentId, suite, startTime)];
  const parentTags = parent.map((value) => ({ key: "mlflow.parentRunId", value }));
  const run = { experimentId, runName: nameOf(start), startTime, tags: [...tagsOf(start), ...parentTags] };
  const { info } = await inTurn(() => client.runs.getOrCreate(run, identity));
  return { runId: info.runId, found: false };
}

/** Sends what the start of a journal says of its run. */
async function describe({ client, inTurn }: Line, start: Start, runId: string): Promise<void> {
  await inTurn(() => client.runs.logBatch({ runId, params: paramsOf(start), tags: tagsOf(start) }));
  await inTurn(() => client.runs.logInputs({ runId, datasets: [datasetOf(start)] }));
}

/** The tags that name what MLflow cannot hold as a number. */
function oddTags(notFinite: ReadonlyMap<string, string>) {
  return [...notFinite].map(([key, value]) => ({ key: `everlearn.not_finite/${key}`.slice(0, 250), value }));
}

/** Whether MLflow still has a run. @throws MlflowError where it is deleted, which is somebody's decision */
async function exists(client: Client, runId: string): Promise<boolean> {
  const run = await client.runs.get(runId).catch((error: unknown) => {
    if (error instanceof MlflowError && error.code === "RESOURCE_DOES_NOT_EXIST") return undefined;
    throw error;
  });
  if (run?.info.lifecycleStage === "deleted")
    throw new MlflowError(
      `The run ${runId} is deleted in MLflow; restore it there, or delete "sync/mlflow.json" in its folder to send it as a new one.`,
      { code: "INVALID_STATE" },
    );
  return run !== undefined;
}
