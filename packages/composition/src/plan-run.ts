import { type Kind, SpecError } from "@everlearn/contracts";
import { createCell } from "./create-cell.js";
import { loadDataset } from "./load-dataset.js";
import { incompatibilities, trainsNetwork } from "./needs.js";
import type { Plan, PlanContext } from "./plan.js";
import { choiceFor, type PlannedPart, type PlannedParts, places } from "./planned-part.js";
import { resolveOptions } from "./resolve-options.js";
import { type Choice, type RunSpec, usualNetwork } from "./spec.js";
import { identityOf, specIdOf } from "./spec-id.js";

/** The places in a spec, as error messages name them. */
interface Location {
  /** The beginning of messages about the whole run. */
  readonly where: string;
  /** The place of a field. */
  path(field: string): string;
}

function locationOf({ source }: RunSpec): Location {
  const file = source ? `${source.file}: ` : "";
  return {
    where: source?.run ? `${file}${source.run}: ` : file,
    path: (field) => `${file}${source?.own.includes(field.split("/")[0]) ? source.run : ""}/${field}`,
  };
}

/**
 * Resolves a run's plugins, checks their options and what they need of each other, loads its dataset, and puts the run
 * together once for its first seed, so that whatever is refused is refused before anything starts.
 * @throws SpecError with all that is wrong, a sentence a line
 */
export async function planRun(run: RunSpec, context: PlanContext): Promise<Plan> {
  const { source: _, network: __, suite, ...plain } = run;
  const location = locationOf(run);
  const { where } = location;
  const parts = await planParts(run, context, location);
  const dataset = await loadDataset(parts.dataset, context.data, where);
  const wanted = run.protocol?.checksum;
  if (wanted !== undefined && wanted !== dataset.checksum)
    throw new SpecError(
      `${where}The data set's checksum is ${dataset.checksum}, but the suite demands ${wanted}: these are other examples.`,
    );
  const { augmentation, metrics, trackers, ...single } = parts;
  const placed = Object.entries(places(parts));
  const plan: Plan = {
    spec: {
      ...plain,
      ...(Object.fromEntries(
        Object.entries<PlannedPart>(single).map(([kind, part]) => [kind, choiceFor(part)]),
      ) as Partial<RunSpec>),
      ...(augmentation.length > 0 && { augmentation: augmentation.map(choiceFor) }),
      metrics: metrics.map(choiceFor),
      trackers: trackers.map(({ use }) => ({ use })), // their options may hold tokens, and this is recorded
    },
    specId: specIdOf(run, dataset, placed),
    ...(suite === undefined ? {} : { suite }),
    plugins: Object.fromEntries(placed.map(([place, part]) => [place, identityOf(part)])),
    parts,
    dataset,
    where,
    folder: context.folder,
    environment: Object.assign({}, ...placed.map(([, { environment }]) => environment)) as Record<string, string>,
  };
  await (await createCell(plan, run.seeds[0] ?? 0)).dispose();
  return plan;
}

/** Finds every part, checks its options, and whether they go together. @throws SpecError with all that is wrong */
async function planParts(run: RunSpec, context: PlanContext, { where, path }: Location): Promise<PlannedParts> {
  const problems: string[] = [];

  /** Runs `attempt` and keeps its SpecErrors, so that all of them are reported at once. */
  async function collect<T>(attempt: () => T | Promise<T>, before = ""): Promise<T | undefined> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      problems.push(...error.problems.map((problem) => before + problem));
      return undefined;
    }
  }

  async function planned<K extends Kind>(
    kind: K,
    { use, of, ...given }: Choice,
    field: string = kind,
  ): Promise<PlannedPart<K>> {
    const found = await collect(() => context.find(kind, use, field), `${path(field)}/use: `);
    const options = found && (await collect(() => context.checkOptions(found.plugin, given, path(field))));
    const resolved = options && (await collect(() => resolveOptions(found.plugin, options, context, path(field))));
    const inner = of && { of: await planned(kind, of, `${field}/of`) };
    // Where any is missing, `problems` is not empty and nothing comes to use this.
    return { use, ...resolved, ...found, ...inner } as PlannedPart<K>;
  }

  // The learner comes first: the usual network is there for learners that train one, and for no others.
  const learner = await planned("learner", run.learner);
  const ofLearner = problems.splice(0);
  const usual = ofLearner.length === 0 && trainsNetwork(learner) ? usualNetwork : undefined;
  const network = run.network === undefined ? usual : run.network;
  const before = {
    dataset: await planned("dataset", run.dataset),
    stream: await planned("stream", run.stream),
    scenario: await planned("scenario", run.scenario),
    ...(network && { network: await planned("network", network) }),
    ...(run.optimizer && { optimizer: await planned("optimizer", run.optimizer) }),
  };
  problems.push(...ofLearner);
  const parts: PlannedParts = {
    ...before,
    augmentation: await Promise.all(
      (run.augmentation ?? []).map((choice, i) => planned("augmentation", choice, `augmentation/${i}`)),
    ),
    learner,
    ...(run.buffer && { buffer: await planned("buffer", run.buffer) }),
    metrics: await Promise.all(run.metrics.map((choice, i) => planned("metric", choice, `metrics/${i}`))),
    trackers: await Promise.all(run.trackers.map((choice, i) => planned("tracker", choice, `trackers/${i}`))),
  };
  if (problems.length === 0) problems.push(...incompatibilities(parts).map((problem) => where + problem));
  if (problems.length > 0) throw new SpecError(problems);
  return parts;
}
