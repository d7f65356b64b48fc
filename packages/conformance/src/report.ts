import { type Dependencies, type Kind, missingMembers, type Need, type Parts } from "@everlearn/contracts";
import { type AnyPlugin, type Check, type Finding, type Judged, thrown } from "./check.js";
import { pluginChecks } from "./plugin.js";
import { completed } from "./schema.js";

/** A check that a plugin failed. */
export interface Failure {
  /** The check's name. */
  readonly check: string;
  /** Which plugin, what was expected, what happened. */
  readonly sentence: string;
}

/** Everything that a plugin does otherwise than its contract says. */
export class ConformanceError extends Error {
  override name = "ConformanceError";
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super(failures.map(({ sentence }) => sentence).join("\n"));
    this.failures = failures;
  }
}

/** The check that comes before all others of a kind: without a part there is nothing to try. */
export const creation = {
  name: "creation",
  must: "be created from valid options and have every member that its contract requires",
} as const;

/**
 * Tries a plugin: first the plugin itself, then whether it makes a complete part, then what its parts do.
 * @param prepare makes what the checks are tried on, and one part
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
        const { subject, part } = await prepare({
          plugin,
          options: () => structuredClone(options),
          needs: typeof needs === "function" ? needs(structuredClone(options)) : needs,
          create: async (parts, own = structuredClone(options)) =>
            plugin.create(own as typeof options, parts as Dependencies<K, Need>),
        });
        if (!(part instanceof Object)) return `it answered ${String(part)}`;
        const missing = missingMembers(kind, part);
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
