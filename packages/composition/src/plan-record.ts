import type { Dataset, Kind, Need, OptionsOf, OptionsSchema, Plugin } from "@everlearn/contracts";
import { SpecError } from "@everlearn/contracts";
import { loadDataset } from "./load-dataset.js";
import type { LearnerPlan, Plan } from "./plan.js";
import { choiceFor, needsOf, type PlannedPart, type PlannedParts, places } from "./planned-part.js";
import { identityOf, specIdOf } from "./spec-id.js";
import type { RunSpec } from "./spec.js";

/** A plugin with its options as another process can be told of it: plain JSON. */
export interface PartRecord<K extends Kind = Kind> {
  readonly kind: K;
  readonly name: string;
  readonly use: string;
  readonly package: string;
  readonly version: string;
  /** The module to import; absent for a plugin that was handed over in code. */
  readonly url?: string;
  readonly needs: readonly Need[];
  readonly options: OptionsOf<OptionsSchema>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly of?: PartRecord<K>;
}

type SingleKind = Exclude<keyof PlannedParts, "augmentation" | "metrics" | "trackers">;

/** A plan as another process can be told of it: plain JSON. */
export interface PlanRecord {
  readonly spec: RunSpec;
  readonly specId: string;
  /** SHA-256 of the data set's examples. */
  readonly checksum: string;
  readonly parts: { readonly [K in SingleKind]?: PartRecord<K> } & {
    readonly augmentation: readonly PartRecord<"augmentation">[];
    readonly metrics: readonly PartRecord<"metric">[];
  };
  readonly where: string;
  readonly folder: string;
  /** SHA-256 of the rules of the suite that the run belongs to. */
  readonly suite?: string;
}

/** The kinds of plugins that teach and test a learner; the others are the learner's own. */
const courseKinds: ReadonlySet<Kind> = new Set<Kind>(["dataset", "stream", "scenario", "metric"]);

/** Whether plugins of a kind teach and test the learner: they run where the data and the results are. */
export const isCourseKind = (kind: Kind): boolean => courseKinds.has(kind);

/** Imports a plugin. */
export type LoadPlugin = <K extends Kind>(part: PartRecord<K>) => Promise<Plugin<K>>;

/** Describes a plan, so that another process can carry it out. Its trackers are left out. */
export function describePlan({ spec, specId, parts, dataset, where, folder, suite }: Plan): PlanRecord {
  const { augmentation, metrics, trackers: _, ...single } = parts;
  return {
    ...{ spec, specId, checksum: dataset.checksum, where, folder },
    ...(suite === undefined ? {} : { suite }),
    parts: {
      ...(Object.fromEntries(Object.entries<PlannedPart>(single).map(([kind, part]) => [kind, recordOf(part)])) as {
        [K in SingleKind]?: PartRecord<K>;
      }),
      augmentation: augmentation.map(recordOf),
      metrics: metrics.map(recordOf),
    },
  };
}

function recordOf<K extends Kind>(part: PlannedPart<K>): PartRecord<K> {
  const { plugin, use, version, options, url, environment, of } = part;
  return {
    ...{ kind: plugin.kind, name: plugin.name, use, package: part.package, version, options, needs: needsOf(part) },
    ...(url === undefined ? {} : { url }),
    ...(environment === undefined ? {} : { environment }),
    ...(of === undefined ? {} : { of: recordOf(of) }),
  };
}

/**
 * Restores the plan that a record describes, in a process that teaches and tests learners. The code of the learner, its
 * buffer and its networks is not loaded: such a plan has a course, but no cell can be created from it.
 * @param data the folder in which the user keeps data sets
 * @throws SpecError where the data or a plugin is another one than when the run was planned
 */
export async function recallPlan(record: PlanRecord, load: LoadPlugin, data: string | undefined): Promise<Plan> {
  const { spec, where, folder, suite } = record;
  const { augmentation, metrics, ...single } = record.parts;
  const parts = {
    ...(await recallParts(single, load, isCourseKind)),
    augmentation: await Promise.all(augmentation.map((part) => recallPart(part, load, isCourseKind))),
    metrics: await Promise.all(metrics.map((part) => recallPart(part, load, isCourseKind))),
    trackers: [],
  } as unknown as PlannedParts;
  const dataset: Dataset = await loadDataset(parts.dataset, data, where);
  const placed = Object.entries(places(parts));
  const specId = specIdOf(spec, dataset, placed);
  if (specId !== record.specId)
    throw new SpecError(`${where}A plugin or the data changed after the run was planned; start again.`);
  return {
    ...{ spec, specId, parts, dataset, where, folder },
    ...(suite === undefined ? {} : { suite }),
    plugins: Object.fromEntries(placed.map(([place, part]) => [place, identityOf(part)])),
    environment: Object.assign({}, ...placed.map(([, { environment }]) => environment)) as Record<string, string>,
  };
}

/** The part of a plan that a learner is made from, as its process can be told of it: plain JSON. */
export interface LearnerRecord extends Pick<PlanRecord, "where" | "folder"> {
  readonly parts: Omit<PlanRecord["parts"], "dataset" | "stream" | "scenario" | "metrics">;
}

/** The learner's part of a record. Which data it is taught with, and by what it is judged, is none of its business. */
export function learnerRecord({ parts, where, folder }: PlanRecord): LearnerRecord {
  const own = Object.entries(parts).filter(([kind]) => kind !== "metrics" && !isCourseKind(kind as Kind));
  return { parts: Object.fromEntries(own) as LearnerRecord["parts"], where, folder };
}

/** Restores the part of a plan that a learner is made from, in a process of the learner's own. */
export async function recallLearner({ parts, where, folder }: LearnerRecord, load: LoadPlugin): Promise<LearnerPlan> {
  const { augmentation, ...single } = parts;
  const recalled = {
    ...(await recallParts(single, load, () => true)),
    augmentation: await Promise.all(augmentation.map((part) => recallPart(part, load, () => true))),
  };
  return { parts: recalled as unknown as LearnerPlan["parts"], where, folder };
}

async function recallParts(
  parts: Readonly<Record<string, PartRecord>>,
  load: LoadPlugin,
  loads: (kind: Kind) => boolean,
): Promise<Record<string, PlannedPart>> {
  const recalled = Object.entries(parts).map(async ([kind, part]) => [kind, await recallPart(part, load, loads)]);
  return Object.fromEntries(await Promise.all(recalled)) as Record<string, PlannedPart>;
}

async function recallPart<K extends Kind>(
  part: PartRecord<K>,
  load: LoadPlugin,
  loads: (kind: Kind) => boolean,
): Promise<PlannedPart<K>> {
  const { kind, name, needs, of, ...rest } = part;
  const plugin = loads(kind) ? await load(part) : unloaded(kind, name, needs);
  return { ...rest, plugin, ...(of && { of: await recallPart(of, load, loads) }) };
}

/** Other data for a run, under a name that does not tell which. */
export interface OtherData {
  readonly dataset: Dataset;
  /** Stands for the data set's plugin, its options and its checksum in whatever is recorded. */
  readonly alias: string;
}

/**
 * The plan of the same run on other data. In its spec, its identity and all that is recorded of it, the data set is "secret"
 * and its one option, like its checksum, the alias: what the data are cannot be told from any of it.
 */
export function onOtherData(plan: Plan, { dataset, alias }: OtherData): Plan {
  const { suite: _, ...rest } = plan;
  const { shape, classes, train, test } = dataset;
  const stand: PlannedPart<"dataset"> = {
    ...{ use: "secret", package: "secret", version: "1", options: { alias } },
    plugin: unloaded("dataset", "secret", []),
  };
  const parts = { ...plan.parts, dataset: stand };
  const placed = Object.entries(places(parts));
  const veiled: Dataset = {
    ...{ shape, classes, train, test, checksum: alias },
    ...(dataset.column === undefined ? {} : { column: (name) => dataset.column?.(name) }),
  };
  return {
    ...rest,
    parts,
    dataset: veiled,
    spec: { ...plan.spec, dataset: choiceFor(stand) },
    specId: specIdOf(plan.spec, veiled, placed),
    plugins: Object.fromEntries(placed.map(([place, part]) => [place, identityOf(part)])),
  };
}

/** Stands for a plugin whose code stays where the learner is. */
function unloaded<K extends Kind>(kind: K, name: string, needs: readonly Need[]): Plugin<K> {
  return {
    ...{ kind, name, contract: 2, description: "", options: {}, needs },
    create() {
      throw new TypeError(`The code of ${kind} "${name}" is not loaded here.`);
    },
  } as unknown as Plugin<K>;
}
