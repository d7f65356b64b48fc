import type { Dataset } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import type { PluginIdentity } from "./plan.js";
import type { PlannedPart } from "./planned-part.js";
import { type Budget, type EvaluationProtocol, type RunSpec, usualEvaluation } from "./spec.js";

/** Raised where the composition, the generators or the loop change what an unchanged spec computes. */
const rules = 1;

/** SHA-256 of everything that can change a result, but the seed. */
export function specIdOf(
  run: RunSpec,
  { checksum }: Dataset,
  placed: readonly (readonly [string, PlannedPart])[],
): string {
  return digest({
    rules,
    batchSize: run.batchSize,
    evaluation: unusual(run.evaluation),
    budget: reproducible(run.protocol?.budget),
    checksum,
    parts: Object.fromEntries(
      placed
        .filter(([place]) => !place.startsWith("trackers/"))
        .map(([place, part]) => [place, { ...identityOf(part), options: part.options }]),
    ),
  });
}

/**
 * The settings of an evaluation that differ from the defaults. A run that uses the defaults keeps the identity that it
 * had before there was a choice.
 */
function unusual(evaluation: EvaluationProtocol): Partial<EvaluationProtocol> | undefined {
  const changed = Object.entries(evaluation).filter(
    ([key, value]) => value !== usualEvaluation[key as keyof EvaluationProtocol],
  );
  return changed.length > 0 ? Object.fromEntries(changed) : undefined;
}

/** The limits of a budget that end a run at the same example on every machine. */
function reproducible({ gradientsPerExample, bytes }: Budget = {}): Budget | undefined {
  const limits = {
    ...(gradientsPerExample === undefined ? {} : { gradientsPerExample }),
    ...(bytes === undefined ? {} : { bytes }),
  };
  return Object.keys(limits).length > 0 ? limits : undefined;
}

export const identityOf = (part: PlannedPart): PluginIdentity => ({
  name: part.plugin.name,
  package: part.package,
  version: part.version,
});
