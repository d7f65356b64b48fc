import type { Protocol, RunSpec } from "@everlearn/composition";
import { digest } from "@everlearn/digest";

/** The fields that runs of a setting have in common, in a closed track the second line too. */
const shared = ["dataset", "stream", "scenario", "evaluation", "seeds"] as const;
const closed = ["network", "optimizer", "batchSize"] as const;
/** Those that a suite of before they existed cannot have: they count where a run has them. */
const optional = ["augmentation"] as const;

/**
 * SHA-256 (hex) of the rules of a suite as they were written: its protocol, and for each setting the conditions under which
 * its runs take part. Another run under the same conditions does not change it, nor does another space of a search.
 */
export function suiteIdOf(runs: readonly RunSpec[]): string {
  const protocol: Protocol = runs[0]?.protocol ?? {};
  const { tuning, ...rules } = protocol;
  const fields = rules.track === "closed" ? [...shared, ...closed] : shared;
  const settings: Record<string, string[]> = {};
  for (const run of runs) {
    const own = rules.track === "closed" ? optional.filter((field) => run[field] !== undefined) : [];
    const conditions = digest(Object.fromEntries([...fields, ...own].map((field) => [field, run[field] ?? null])));
    for (const setting of run.settings ?? [""])
      settings[setting] = [...new Set([...(settings[setting] ?? []), conditions])].sort();
  }
  const { space: _, ...chosen } = { space: undefined, ...tuning };
  return digest({ rules, tuning: chosen, settings });
}
