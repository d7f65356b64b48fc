import {
  type Choice,
  makeLinks,
  type PlannedPart,
  resolveOptions,
  type RunSpec,
  usualNetwork,
} from "@everlearn/composition";
import { type Kind, SpecError } from "@everlearn/contracts";
import { checkOptions } from "@everlearn/records";
import { resolvePlugin } from "./find.js";
import { installed } from "./installed.js";
import type { PlanPlaces } from "./plan.js";
import { sourceVersion } from "./source.js";

/** A run as its receipts will describe it, as far as that is known without its data and without running it. */
export interface DescribedRun {
  /** The spec with every option of the parts whose plugins are installed. */
  readonly spec: RunSpec;
  /** The plugins by their place in the spec; those that are not installed are missing. */
  readonly plugins: Readonly<
    Record<string, { readonly name: string; readonly package: string; readonly version: string }>
  >;
  /** By place, the options that the spec leaves to their default. */
  readonly defaults: Readonly<Record<string, readonly string[]>>;
  /** The data set's checksum, as the suite or the data says; null where its files are not there. */
  readonly checksum: string | null;
  /** Why something could not be found out, a sentence each. */
  readonly problems: readonly string[];
}

const kinds = ["dataset", "stream", "scenario", "network", "optimizer", "learner", "buffer"] as const;

/**
 * Describes runs one after the other. Unlike a plan, it needs neither data nor backends: what is missing is reported.
 * Plugins are loaded, and nothing is made of them but the data set.
 */
export async function createRunDescriber({
  from,
  folder,
}: PlanPlaces): Promise<(run: RunSpec) => Promise<DescribedRun>> {
  const known = await installed(from);
  const checksums = new Map<string, Promise<string>>();

  async function describe(run: RunSpec): Promise<DescribedRun> {
    const where = run.source ? `${run.source.file}: ` : "";
    const plugins: Record<string, DescribedRun["plugins"][string]> = {};
    const defaults: Record<string, string[]> = {};
    const problems: string[] = [];

    async function part(kind: Kind, choice: Choice, place: string): Promise<{ choice: Choice; planned?: PlannedPart }> {
      const { use, of, ...given } = choice;
      const inner = of === undefined ? undefined : await part(kind, of, `${place}/of`);
      try {
        const found = await resolvePlugin(kind, use, from, known);
        const context = { folder: from[0] ?? ".", version: sourceVersion, checkOptions, find: never };
        const checked = checkOptions(found.plugin, given, `${where}/${place}`);
        const { options } = await resolveOptions(found.plugin, checked, context, `${where}/${place}`);
        plugins[place] = { name: found.plugin.name, package: found.package, version: found.version };
        defaults[place] = Object.keys(options).filter((option) => !Object.hasOwn(given, option));
        const planned = { ...found, use, options, ...(inner?.planned && { of: inner.planned }) } as PlannedPart;
        return { choice: { use, ...options, ...(inner && { of: inner.choice }) }, planned };
      } catch (error) {
        if (!(error instanceof SpecError)) throw error;
        problems.push(...error.problems);
        return { choice: { ...choice, ...(inner && { of: inner.choice }) } };
      }
    }

    const described: Record<string, unknown> = { ...run };
    const parts: Partial<Record<Kind, PlannedPart | undefined>> = {};
    const learner = await part("learner", run.learner, "learner");
    const usual = run.network === undefined && trains(learner.planned) ? usualNetwork : undefined;
    for (const kind of kinds) {
      const choice = kind === "network" ? (run.network ?? usual) : run[kind];
      if (!choice) continue;
      const found = kind === "learner" ? learner : await part(kind, choice, kind);
      described[kind] = found.choice;
      parts[kind] = found.planned;
    }
    const augmentation = await Promise.all(
      (run.augmentation ?? []).map((choice, i) => part("augmentation", choice, `augmentation/${i}`)),
    );
    if (augmentation.length > 0) described.augmentation = augmentation.map(({ choice }) => choice);
    const stated = run.protocol?.checksum;
    const checksum =
      stated ?? (parts.dataset ? await checksumOf(parts.dataset as PlannedPart<"dataset">, where, problems) : null);
    const { source: _, ...spec } = described;
    return { spec: spec as unknown as RunSpec, plugins, defaults, checksum, problems };
  }

  async function checksumOf(
    dataset: PlannedPart<"dataset">,
    where: string,
    problems: string[],
  ): Promise<string | null> {
    const key = JSON.stringify([dataset.package, dataset.version, dataset.use, dataset.options, dataset.of?.options]);
    const loading = checksums.get(key) ?? makeLinks(dataset, { folder }, where).then(([made]) => made.checksum);
    checksums.set(key, loading);
    try {
      return await loading;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.push(error instanceof SpecError ? error.message : `${where}${error.message}`);
      return null;
    }
  }

  return describe;
}

function trains(learner: PlannedPart | undefined): boolean {
  if (!learner) return false;
  const { needs = [] } = learner.plugin;
  const all: readonly string[] = typeof needs === "function" ? needs(learner.options) : needs;
  return all.includes("network") || all.includes("backward") || trains(learner.of);
}

function never(): never {
  throw new SpecError("No plugin is looked for here.");
}
