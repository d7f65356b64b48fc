import type { ReceiptPlugin, ReceiptSpec } from "@everlearn/records";
import { canonical } from "./canonical.js";

/** A part of a run: which plugin, with which options. */
export interface Part {
  readonly use: string;
  /** The plugin's package; null where it is not known. */
  readonly package: string | null;
  /** Of a module that is given by its path: the hash of its source; null for packages. */
  readonly source: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** The options that another run need not state. */
  readonly defaults: readonly string[];
  readonly of: Part | null;
}

/** The conditions under which a run was made. */
export interface Conditions {
  readonly dataset: Part | null;
  readonly stream: Part | null;
  readonly scenario: Part | null;
  readonly network: Part | null;
  readonly optimizer: Part | null;
  /** The first of a list, each made of the next one; null: none. */
  readonly augmentation: Part | null;
  readonly batchSize: unknown;
  readonly evaluation: unknown;
  /** The data set's; null where it is not known. */
  readonly checksum: string | null;
}

/** A run as far as its conditions go. */
export interface Conditioned {
  readonly spec: ReceiptSpec;
  readonly plugins: Readonly<Record<string, ReceiptPlugin>> | null;
  readonly checksum: string | null;
  readonly defaults?: Readonly<Record<string, readonly string[]>>;
}

const usualEvaluation = { tasks: "all", every: 0, examples: 0 };

export function conditionsOf(run: Conditioned): Conditions {
  const part = (place: string) => partOf(run, place, run.spec[place]);
  const { batchSize = 1, evaluation } = run.spec;
  return {
    dataset: part("dataset"),
    stream: part("stream"),
    scenario: part("scenario"),
    network: part("network"),
    optimizer: part("optimizer"),
    augmentation: listOf(run, "augmentation"),
    batchSize,
    evaluation: { ...usualEvaluation, ...(evaluation as object | undefined) },
    checksum: run.checksum,
  };
}

/** The parts of a list as a chain, each followed by what comes after it. */
function listOf(run: Conditioned, field: string): Part | null {
  const list: unknown = run.spec[field];
  if (!Array.isArray(list)) return null;
  const followed = (part: Part | null, next: Part | null): Part | null =>
    part === null ? next : { ...part, of: followed(part.of, next) };
  return list
    .map((choice, i) => partOf(run, `${field}/${i}`, choice))
    .reduceRight<Part | null>((next, part) => followed(part, next), null);
}

/** The part at a place of a run, such as "stream/of"; null where it has none. */
export function partOf(run: Conditioned, place: string, choice: unknown): Part | null {
  if (typeof choice !== "object" || choice === null) return null;
  const { use, of, ...options } = choice as Record<string, unknown>;
  const plugin = run.plugins?.[place];
  const isPath = plugin !== undefined && /^\.{0,2}\//.test(plugin.package);
  return {
    use: plugin?.name ?? String(use),
    package: plugin?.package ?? null,
    source: isPath ? plugin.version : null,
    options,
    defaults: run.defaults?.[place] ?? [],
    of: partOf(run, `${place}/of`, of),
  };
}

/** What differs between a part and the setting's, without a subject: "tasks is 1, not 20". Empty: nothing. */
export function partDifferences(mine: Part | null, setting: Part | null): string[] {
  if (mine === null || setting === null) return mine === setting ? [] : [`it is ${named(mine)}, not ${named(setting)}`];
  const known = mine.package !== null && setting.package !== null;
  const same = known
    ? mine.package === setting.package && mine.source === setting.source
    : [setting.use, setting.package].includes(mine.use) || mine.package === setting.use;
  if (!same) return [`it is ${named(mine)}, not ${named(setting)}`];
  const differences = [...new Set([...Object.keys(setting.options), ...Object.keys(mine.options)])].flatMap(
    (option) => {
      const [here, there] = [mine.options[option], setting.options[option]];
      if (canonical(here) === canonical(there)) return [];
      if (here === undefined && setting.defaults.includes(option)) return [];
      // Of a plugin that is not installed here nobody knows the defaults.
      if (there === undefined && setting.package === null) return [];
      if (there === undefined) return [`${option} is ${shown(here)}, which the setting does not state`];
      return [`${option} is ${shown(here)}, not ${shown(there)}`];
    },
  );
  return [...differences, ...partDifferences(mine.of, setting.of).map((difference) => `of another one: ${difference}`)];
}

function named(part: Part | null): string {
  if (part === null) return "none";
  return part.package === null ? part.use : `${part.use} of ${part.package}${part.source ? ` (${part.source})` : ""}`;
}

/** A value as text of bounded length. */
export function shown(value: unknown): string {
  if (value === undefined) return "not stated";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
