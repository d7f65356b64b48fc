import { type Artifacts, artifacts } from "./artifacts.js";
import { MlflowError } from "./error.js";
import { type Experiment, type Experiments, experiments, type NewExperiment } from "./experiments.js";
import { type LoggedModels, models } from "./models.js";
import { type Registry, registry } from "./registry.js";
import { type Runs, runs } from "./runs.js";
import { type ClientOptions, settingsOf } from "./settings.js";
import { type CallOptions, transport } from "./transport.js";

/**
 * MLflow's REST API, call by call. What a call rejects with is an `MlflowError`, or the reason of its signal. A failed
 * call is repeated, with growing waits, where that is safe and may help: after the statuses 408, 429, 500, 502, 503 and
 * 504, after broken connections and timeouts, and not before the time that `Retry-After` names.
 */
export interface Client {
  /** Where the server is, without credentials. */
  readonly trackingUri: string;
  /** The run that `MLFLOW_RUN_ID` or the option names; nothing here uses it. */
  readonly runId: string | undefined;
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly artifacts: Artifacts;
  readonly registry: Registry;
  readonly models: LoggedModels;
  /**
   * The experiment of this name, made if there is none; any number of callers at once get the same. `experiment` is
   * what a new one gets besides.
   * @throws MlflowError `INVALID_STATE` where it is deleted: restoring it, or another name, is the caller's choice.
   */
  getOrCreateExperiment(
    name: string,
    experiment?: Omit<NewExperiment, "name">,
    options?: CallOptions,
  ): Promise<Experiment>;
}

/**
 * A client for one server. Nothing is sent before the first call, and nothing needs to be closed.
 * @throws MlflowError for options or environment variables that cannot be used.
 */
export function createClient(options: ClientOptions = {}): Client {
  const settings = settingsOf(options);
  const { base } = settings;
  const wire = transport(settings);
  const known = experiments(wire);

  /** The experiment of this name, or undefined. */
  async function found(name: string, options: CallOptions | undefined): Promise<Experiment | undefined> {
    try {
      return await known.getByName(name, options);
    } catch (error) {
      if (error instanceof MlflowError && error.code === "RESOURCE_DOES_NOT_EXIST") return undefined;
      throw error;
    }
  }

  const getOrCreateExperiment: Client["getOrCreateExperiment"] = async (name, experiment = {}, options) => {
    const single = { ...options, retries: 0 };
    const one = await wire.persist(
      async () => {
        const before = await found(name, single);
        if (before !== undefined) return before;
        try {
          return await known.get(await known.create({ ...experiment, name }, single), single);
        } catch (error) {
          if (!(error instanceof MlflowError) || error.code !== "RESOURCE_ALREADY_EXISTS") throw error;
          return known.getByName(name, single); // another caller was quicker
        }
      },
      (error) => error.transient,
      options,
    );
    if (one.lifecycleStage === "deleted")
      throw new MlflowError(
        `The experiment ${JSON.stringify(name)} is deleted, and its name is still taken; restore it with experiments.restore(${JSON.stringify(one.experimentId)}), or choose another name.`,
        { code: "INVALID_STATE" },
      );
    return one;
  };

  /** The experiment of runs that name none; once its name was found, it is not asked for again. */
  let home = settings.experimentId ?? (settings.experimentName === undefined ? "0" : undefined);
  const homeOf = async (options: CallOptions | undefined): Promise<string> => {
    home ??= (await getOrCreateExperiment(settings.experimentName ?? "", {}, options)).experimentId;
    return home;
  };

  return {
    trackingUri: base,
    runId: settings.runId,
    experiments: known,
    runs: runs(wire, homeOf),
    artifacts: artifacts(wire, base),
    registry: registry(wire),
    models: models(wire),
    getOrCreateExperiment,
  };
}
