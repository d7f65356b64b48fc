import type { CheckResult } from "@everlearn/leaderboard";
import { checksIn, type Companion, type Receipt, readCompanions, type Tuned } from "@everlearn/records";
import { warn } from "./failure.js";

/** What lies beside receipts: honesty checks by specId, trials of searches by their seal. */
export interface Companions {
  readonly all: readonly Companion[];
  readonly checks: ReadonlyMap<string, readonly CheckResult[]>;
  readonly tuned: ReadonlyMap<string, Tuned>;
}

/** Reads what lies beside receipts, and writes to standard error what of it cannot be believed. */
export function companionsIn(paths: readonly string[]): Companions {
  const all: Companion[] = [];
  const checks = new Map<string, CheckResult[]>();
  const tuned = new Map<string, Tuned>();
  for (const found of readCompanions(paths)) {
    if ("problem" in found) {
      warn(found.problem);
      continue;
    }
    all.push(found);
    if ("tuned" in found) tuned.set(found.tuned.seal ?? "", found.tuned);
    else {
      const { where } = found;
      const results = checksIn(found.checks).map((check) => ({ ...check, where }));
      checks.set(found.checks.specId, [...(checks.get(found.checks.specId) ?? []), ...results]);
    }
  }
  return { all, checks, tuned };
}

/** The companions of a run's receipts, each once. */
export function companionsOf(
  receipts: Iterable<Pick<Receipt, "specId" | "tuning">>,
  { all }: Pick<Companions, "all">,
): Companion[] {
  const wanted = new Set<string | undefined>([...receipts].flatMap(({ specId, tuning }) => [specId, tuning]));
  const seals = new Set<string | undefined>();
  return all.filter((one) => {
    const { seal } = "checks" in one ? one.checks : one.tuned;
    const isOwn = wanted.has("checks" in one ? one.checks.specId : one.tuned.seal);
    return isOwn && !seals.has(seal) && seals.add(seal);
  });
}
