import { plural } from "./format.js";
import { plainText } from "./plain-text.js";
import type { CellSummary, Run } from "./runs.js";

/**
 * How far a row can be trusted. `declared`: its receipts say so; `checked`: its honesty checks passed; `re-run`: all its
 * cells were reproduced by another; `failed`: a check or a re-run says otherwise.
 */
export interface Trust {
  readonly level: "declared" | "checked" | "re-run" | "failed";
  readonly text: string;
}

export function trustOf({ checks }: Run, cells: readonly CellSummary[]): Trust {
  const failed = [...new Set(checks.filter(({ passed }) => !passed).map(({ name }) => name))].sort();
  const refuted = cells.filter(({ rerun }) => rerun?.reproduced === false);
  const again = cells.filter(({ rerun }) => rerun?.reproduced === true);
  if (failed.length + refuted.length > 0) {
    const notReproduced = refuted.length > 0 ? [`not reproduced: ${plural(refuted.length, "cell")}`] : [];
    return { level: "failed", text: plainText(`failed: ${[...failed, ...notReproduced].join(", ")}`) };
  }
  const names = [...new Set(checks.map(({ name }) => name))].sort();
  const signers = [...new Set(again.map(({ rerun }) => rerun?.signer ?? "nobody who signed"))].sort();
  const texts = [
    ...(again.length > 0
      ? [
          `re-run: ${again.length === cells.length ? "all" : again.length} of ${plural(cells.length, "cell")}, by ${signers.join(", ")}`,
        ]
      : []),
    ...(names.length > 0 ? [`checked: ${names.join(", ")}`] : []),
  ];
  const level =
    again.length > 0 && again.length === cells.length ? "re-run" : names.length > 0 ? "checked" : "declared";
  return { level, text: plainText(texts.join("; ") || "declared") };
}

/** Lists why a run is not ranked although its receipts say what they should, a sentence each. */
export function trustProblems({ checks, cells }: Run): string[] {
  const failed = checks.filter(({ passed }) => !passed);
  const refuted = cells.filter(({ rerun }) => rerun?.reproduced === false);
  return [
    ...failed.map(({ name, where }) => `Failed the honesty check "${name}", as ${where} says.`),
    ...(refuted.length > 0 ? [`Not reproduced when it was run again: ${plural(refuted.length, "cell")}.`] : []),
  ];
}
