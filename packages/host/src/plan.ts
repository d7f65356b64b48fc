import type { Dataset, Kind } from "@everlearn/contracts";
import { type Chosen, type ChosenParts, linksOf, spelled } from "./chosen.js";
import { compose, make } from "./compose.js";
import { SpecError } from "./error.js";
import { type Resolved, resolvePlugin } from "./find.js";
import { digest } from "./identity.js";
import { installed } from "./installed.js";
import { misfits } from "./needs.js";
import { checkOptions } from "./options.js";
import type { Budget } from "./protocol.js";
import { settle } from "./settle.js";
import { type Choice, type Evaluation, type RunSpec, type StreamChoice, usualEvaluation } from "./spec.js";

/** What a run's record says of a plugin: its short name, its package (or path), and that one's version (or hash). */
export interface PluginIdentity {
  readonly name: string;
  readonly package: string;
  readonly version: string;
}

/** A run whose plugins are loaded and whose options and needs were checked. */
export interface Plan {
  /** The spec with every option of every part; plain JSON, without its source. */
  readonly spec: RunSpec;
  /** SHA-256 of everything in it that can change a result. */
  readonly specId: string;
  /** The plugins by their place in the spec: "learner", "stream/of", "metrics/0". */
  readonly plugins: Readonly<Record<string, PluginIdentity>>;
  readonly parts: ChosenParts;
  /** Loaded; shared by all cells. */
  readonly dataset: Dataset;
  /** What sentences about the run begin with: its file and its path therein. */
  readonly where: string;
  /** To which paths in options are relative. */
  readonly folder: string;
  /** What plugins add to the record of the machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Raised where the host, the generators or the runner change what an unchanged spec computes. */
const rules = 1;

/**
 * Resolves a run's plugins, checks their options and what they need of each other, loads its dataset, and puts the run
 * together once for its first seed, so that whatever is refused is refused before anything starts.
 * @param run as `runsOf` answers it
 * @param options `from`: where plugins are looked for, first the spec's folder, to which paths are relative; `folder`:
 * where the user keeps data sets; `code`: the plugins that are at hand already, by their place in the spec
 * @throws SpecError with all that is wrong, a sentence a line
 */
export async function plan(
  run: RunSpec,
  {
    from,
    folder,
    code = {},
  }: { from: readonly string[]; folder?: string | undefined; code?: Readonly<Record<string, Resolved>> },
): Promise<Plan> {
  const { source, ...plain } = run;
  const file = source ? `${source.file}: ` : "";
  const where = source?.run ? `${file}${source.run}: ` : file;
  const path = (field: string) => `${file}${source?.own.includes(field.split("/")[0]) ? source.run : ""}/${field}`;
  const known = await installed(from);
  const problems: string[] = [];

  /** What `attempt` answers; its mistakes are kept, so that all are told at once. */
  async function collect<T>(attempt: () => T | Promise<T>, before = ""): Promise<T | undefined> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      problems.push(...error.problems.map((problem) => before + problem));
      return undefined;
    }
  }

  async function choose<K extends Kind>(kind: K, { use, ...given }: Choice, field: string = kind): Promise<Chosen<K>> {
    const resolve = () => (code[field] as Resolved<K> | undefined) ?? resolvePlugin(kind, use, from, known);
    const found = await collect(resolve, `${path(field)}/use: `);
    const options = found && (await collect(() => checkOptions(found.plugin, given, path(field))));
    const settled = options && (await collect(() => settle(found.plugin, options, from[0] ?? ".", path(field))));
    // Where any is missing, `problems` is not empty and nothing comes to use this.
    return { use, ...settled, ...found } as Chosen<K>;
  }

  async function chooseStream({ of, ...choice }: StreamChoice, field = "stream"): Promise<Chosen<"stream">> {
    const chosen = await choose("stream", choice, field);
    return of ? { ...chosen, of: await chooseStream(of, `${field}/of`) } : chosen;
  }

  const parts: ChosenParts = {
    dataset: await choose("dataset", run.dataset),
    stream: await chooseStream(run.stream),
    scenario: await choose("scenario", run.scenario),
    network: await choose("network", run.network),
    ...(run.optimizer && { optimizer: await choose("optimizer", run.optimizer) }),
    learner: await choose("learner", run.learner),
    ...(run.buffer && { buffer: await choose("buffer", run.buffer) }),
    metrics: await Promise.all(run.metrics.map((choice, i) => choose("metric", choice, `metrics/${i}`))),
    trackers: await Promise.all(run.trackers.map((choice, i) => choose("tracker", choice, `trackers/${i}`))),
  };
  if (problems.length === 0) problems.push(...misfits(parts).map((problem) => where + problem));
  if (problems.length > 0) throw new SpecError(problems);

  const dataset = await load(parts.dataset, folder, where);
  const { metrics, trackers, ...single } = parts;
  const placed = Object.entries(places(parts));
  const result: Plan = {
    spec: {
      ...plain,
      ...(Object.fromEntries(Object.entries(single).map(([kind, part]) => [kind, spelled(part)])) as Partial<RunSpec>),
      metrics: metrics.map(spelled),
      trackers: trackers.map(({ use }) => ({ use })), // their options may hold tokens, and this is recorded
    },
    specId: digest({
      rules,
      batchSize: run.batchSize,
      evaluation: unusual(run.evaluation),
      budget: counted(run.protocol?.budget),
      checksum: dataset.checksum,
      parts: Object.fromEntries(
        placed
          .filter(([place]) => !place.startsWith("trackers/"))
          .map(([place, part]) => [place, { ...identity(part), options: part.options }]),
      ),
    }),
    plugins: Object.fromEntries(placed.map(([place, part]) => [place, identity(part)])),
    parts,
    dataset,
    where,
    folder: from[0] ?? ".",
    environment: Object.assign({}, ...placed.map(([, { environment }]) => environment)) as Record<string, string>,
  };
  await (await compose(result, run.seeds[0] ?? 0)).dispose();
  return result;
}

/** What of it is not as usual; a run that says nothing about it keeps the identity that it had before there was a choice. */
function unusual(evaluation: Evaluation): Partial<Evaluation> | undefined {
  const changed = Object.entries(evaluation).filter(
    ([key, value]) => value !== usualEvaluation[key as keyof Evaluation],
  );
  return changed.length > 0 ? Object.fromEntries(changed) : undefined;
}

/** What of a budget ends a run at the same place on each machine. */
function counted({ gradientsPerExample, bytes }: Budget = {}): Budget | undefined {
  const limits = {
    ...(gradientsPerExample === undefined ? {} : { gradientsPerExample }),
    ...(bytes === undefined ? {} : { bytes }),
  };
  return Object.keys(limits).length > 0 ? limits : undefined;
}

function places({ metrics, trackers, stream, ...single }: ChosenParts): Record<string, Chosen> {
  return {
    ...single,
    ...Object.fromEntries(linksOf(stream).map((link, i) => [`stream${"/of".repeat(i)}`, link])),
    ...Object.fromEntries(metrics.map((part, i) => [`metrics/${i}`, part])),
    ...Object.fromEntries(trackers.map((part, i) => [`trackers/${i}`, part])),
  };
}

const identity = (part: Chosen): PluginIdentity => ({
  name: part.plugin.name,
  package: part.package,
  version: part.version,
});

// Kept for the life of the process: a suite's runs and seeds share what takes seconds and megabytes to load.
const datasets = new WeakMap<Chosen["plugin"], Map<string, Promise<Dataset>>>();

function load(chosen: Chosen<"dataset">, folder: string | undefined, where: string): Promise<Dataset> {
  const loaded = datasets.get(chosen.plugin) ?? new Map<string, Promise<Dataset>>();
  datasets.set(chosen.plugin, loaded);
  const key = digest([chosen.options, folder ?? null]);
  const dataset = loaded.get(key) ?? make(chosen, { folder }, where);
  loaded.set(key, dataset);
  dataset.catch(() => loaded.delete(key)); // a later attempt may find the file
  return dataset;
}
