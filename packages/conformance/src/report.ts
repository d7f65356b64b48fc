import type { Given, Kind, Need, OptionsOf, OptionsSchema, Parts, Plugin } from "@everlearn/contracts";
import { pluginChecks } from "./plugin.js";
import { completed } from "./schema.js";

/** What happened instead, as the rest of a sentence that begins with "it" or names a thing; nothing where all is well. */
export type Finding = string | undefined;

/** One demand on a part of kind K, tried on a subject. */
export interface Check<S> {
  readonly name: string;
  /** Completes "A learner must …". */
  readonly must: string;
  /** An error that it throws is a finding too. */
  readonly run: (subject: S) => Finding | Promise<Finding>;
}

/** A plugin as the checks see it, whatever its options and needs. */
export type AnyPlugin<K extends Kind = Kind> = Plugin<K, OptionsSchema, Need>;

/** A plugin and the options to try it with. */
export interface Judged<K extends Kind> {
  readonly plugin: AnyPlugin<K>;
  /** The options with their defaults filled in; a copy with every call. */
  readonly options: () => OptionsOf<OptionsSchema>;
  readonly needs: readonly Need[];
  /** Makes a part, with a copy of the options. */
  readonly create: (given: Partial<Given[K]>) => Promise<Parts[K]>;
}

/** A check that a plugin failed. */
export interface Failure {
  /** The check's name. */
  readonly check: string;
  /** Which plugin, what was expected, what happened. */
  readonly sentence: string;
}

/** All that a plugin does otherwise than its contract says. */
export class ConformanceError extends Error {
  override name = "ConformanceError";
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super(failures.map(({ sentence }) => sentence).join("\n"));
    this.failures = failures;
  }
}

const network = [
  ...["theta", "inputs", "outputs", "loss", "layers", "vector", "gram", "descend", "gradient", "gradientGram"],
  ...["step", "losses", "predict", "logits", "features", "save", "load", "dispose"],
] as const satisfies readonly (keyof Parts["network"])[];

/** The methods and properties without which a part is none. */
const members: { readonly [K in Kind]: readonly (string & keyof Parts[K])[] } = {
  dataset: ["shape", "classes", "train", "test", "checksum"],
  stream: ["tasks", "experiences", "boundaries", "shape", "classes", "classesOf", "train", "test"],
  scenario: ["taskLabels", "outputs", "example", "query", "answer"],
  network: network,
  optimizer: network,
  buffer: ["capacity", "size", "add", "sample", "all", "save", "load"],
  learner: ["observe", "predict", "save", "load"],
  metric: [],
  tracker: ["sync"],
};

/** The check that comes before all others of a kind: without a part there is nothing to try. */
export const creation = {
  name: "creation",
  must: "be created from valid options and have every member that its contract names",
} as const;

/**
 * Tries a plugin: itself first, then one part made by `prepare`, then that part's behaviour.
 * @throws ConformanceError with a sentence for every check that failed
 */
export async function judge<K extends Kind, S>(
  kind: K,
  plugin: AnyPlugin<K>,
  given: unknown,
  checks: readonly Check<S>[],
  prepare: (judged: Judged<K>) => { subject: S; part: Parts[K] } | Promise<{ subject: S; part: Parts[K] }>,
): Promise<void> {
  const failures: Failure[] = [];
  async function attempt<T>(check: Check<T>, subject: T): Promise<void> {
    const finding = await outcome(() => check.run(subject));
    if (finding !== undefined)
      failures.push({
        check: check.name,
        sentence: `${kind} "${plugin.name}" must ${check.must}, but ${finding}.`,
      });
  }

  for (const check of pluginChecks) await attempt(check, { kind, plugin, given });
  const options = completed(plugin.options, given);
  if (options !== undefined) {
    const made: S[] = []; // none where it could not be created
    const created: Check<undefined> = {
      ...creation,
      async run() {
        const { needs = [] } = plugin;
        const judged: Judged<K> = {
          plugin,
          options: () => structuredClone(options),
          needs: typeof needs === "function" ? needs(structuredClone(options)) : needs,
          create: async (parts) => plugin.create(structuredClone(options), parts as Given[K]),
        };
        const { subject, part } = await prepare(judged);
        if (!(part instanceof Object)) return `it answered ${String(part)}`;
        const missing = members[kind].filter((member) => part[member] === undefined);
        if (missing.length > 0) return `it has no ${missing.join(", ")}`;
        made.push(subject);
        return undefined;
      },
    };
    await attempt(created, undefined);
    for (const subject of made) for (const check of checks) await attempt(check, subject);
  }
  if (failures.length > 0) throw new ConformanceError(failures);
}

async function outcome(run: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await run();
  } catch (error) {
    return `it threw ${thrown(error)}`;
  }
}

/** An error within a sentence. */
export function thrown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.replace(/\.$/, "")}` : String(error);
}
