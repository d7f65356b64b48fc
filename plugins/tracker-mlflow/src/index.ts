import { type OptionsFor, type Plugin, type TrackedRun, type Tracker, withDefaults } from "@everlearn/contracts";
import { createClient } from "@everlearn/mlflow-client";
import { createDelivery, type Delivery } from "./delivery.js";
import { identityOf, nameOf } from "./description.js";
import { createLine } from "./line.js";
import { createSuites } from "./suites.js";

const options = {
  experiment: {
    type: "string",
    default: "",
    description: "The experiment's name; empty: MLFLOW_EXPERIMENT_ID, else MLFLOW_EXPERIMENT_NAME, else everlearn.",
  },
  trackingUri: {
    type: "string",
    default: "",
    description: "The server; empty: MLFLOW_TRACKING_URI.",
  },
} as const;

/**
 * Sends runs to an MLflow server: a suite is a parent run, a cell a child run. What a run's journal says arrives exactly
 * once, whatever the server and the network do and however often it is interrupted.
 * @throws MlflowError where no server is named, or one that cannot be
 */
export function mlflow(given: OptionsFor<typeof options> = {}): Tracker {
  const { experiment, trackingUri } = withDefaults(options, given);
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    // Where nobody says it: short waits, for whoever calls comes again.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: process.env.MLFLOW_HTTP_REQUEST_MAX_RETRIES || "5",
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: process.env.MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR || "0.25",
  };
  const line = createLine(createClient({ trackingUri: trackingUri || undefined, environment }), {
    retries: Number(environment.MLFLOW_HTTP_REQUEST_MAX_RETRIES),
    backoff: Number(environment.MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR) * 1000,
  });
  const suites = createSuites(line);
  const deliveries = new Map<string, Delivery>();

  let home: Promise<string> | undefined;
  function experimentId(): Promise<string> {
    const { MLFLOW_EXPERIMENT_ID: id, MLFLOW_EXPERIMENT_NAME: name } = environment;
    if (experiment === "" && id) return Promise.resolve(id);
    home ??= line.inTurn(
      async () => (await line.client.getOrCreateExperiment(experiment || name || "everlearn")).experimentId,
    );
    home.catch(() => (home = undefined)); // the next call tries again
    return home;
  }

  function deliveryOf({ directory, records: [start] }: TrackedRun): Delivery | undefined {
    if (start?.type !== "start") return undefined;
    const key = `${identityOf(start).value} ${directory}`;
    const delivery = deliveries.get(key) ?? createDelivery(line, suites, start, experimentId);
    deliveries.set(key, delivery);
    return delivery;
  }

  return {
    async sync(runs, { last }) {
      const problems: string[] = [];
      let pending = 0;
      await Promise.all(
        runs.map(async (run) => {
          const delivery = deliveryOf(run);
          await delivery?.send(run).catch((error: unknown) => {
            const [start] = run.records;
            const who = start.type === "start" ? nameOf(start) : run.directory;
            problems.push(`${who}: ${error instanceof Error ? error.message : String(error)}`);
          });
          pending += delivery?.pending() ?? 0;
        }),
      );
      if (last && pending === 0)
        await suites.settle().catch((error: unknown) => {
          pending++;
          problems.push(error instanceof Error ? error.message : String(error));
        });
      return { pending, ...(problems.length > 0 && { problem: problems[0] }) };
    },
  };
}

const plugin: Plugin<"tracker", typeof options> = {
  kind: "tracker",
  name: "mlflow",
  contract: 2,
  description: "Runs in MLflow: a suite is a parent run, a cell a child run, sent from the run's journal.",
  options,
  create: mlflow,
};
export default plugin;
