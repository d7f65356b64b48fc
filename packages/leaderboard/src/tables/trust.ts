import { formatPercent } from "../percent.js";
import { plural } from "./format.js";
import { plainText } from "./plain-text.js";
import type { CellSummary, Run } from "./runs.js";

/**
 * How far a row can be trusted. `declared`: its receipts say so; `checked`: its honesty checks passed; `re-run`: all its
 * cells were reproduced by another; `audited`: it holds on data that only its organiser knew, and each of its cells was part of
 * that audit or reproduced; `failed`: a check, a re-run or an audit says otherwise.
 */
export interface Trust {
  readonly level: "declared" | "checked" | "re-run" | "audited" | "failed";
  readonly text: string;
}

export function trustOf({ checks }: Run, cells: readonly CellSummary[]): Trust {
  const failed = [...new Set(checks.filter(({ passed }) => !passed).map(({ name }) => name))].sort();
  const refuted = cells.filter(({ rerun }) => rerun?.reproduced === false);
  const fallen = cells.flatMap(({ audited }) => (audited?.holds === false ? [audited] : []));
  if (failed.length + refuted.length + fallen.length > 0) {
    const others = [
      ...(refuted.length > 0 ? [`not reproduced: ${plural(refuted.length, "cell")}`] : []),
      ...(fallen.length > 0 ? [`audit: ${formatPercent(fallen[0].secret)} on secret data`] : []),
    ];
    return { level: "failed", text: plainText(`failed: ${[...failed, ...others].join(", ")}`) };
  }
  const names = [...new Set(checks.map(({ name }) => name))].sort();
  const again = cells.filter(({ rerun }) => rerun?.reproduced === true);
  const held = cells.flatMap(({ audited }) => (audited ? [audited] : []));
  const texts = [
    ...(held.length > 0
      ? [`audited: ${share(held, cells)}, ${formatPercent(held[0].secret)} on secret data, by ${signersOf(held)}`]
      : []),
    ...(again.length > 0 ? [`re-run: ${share(again, cells)}, by ${signersOf(again.map(({ rerun }) => rerun))}`] : []),
    ...(names.length > 0 ? [`checked: ${names.join(", ")}`] : []),
  ];
  return { level: levelOf(cells, names), text: plainText(texts.join("; ") || "declared") };
}

function levelOf(cells: readonly CellSummary[], checks: readonly string[]): Trust["level"] {
  const isAgain = ({ rerun }: CellSummary) => rerun?.reproduced === true;
  const isHeld = ({ audited }: CellSummary) => audited?.holds === true;
  // What one cell says on public data is not confirmed by what another came to elsewhere.
  if (cells.some(isHeld) && cells.every((cell) => isHeld(cell) || isAgain(cell))) return "audited";
  if (cells.length > 0 && cells.every(isAgain)) return "re-run";
  return checks.length > 0 ? "checked" : "declared";
}

const share = ({ length }: readonly unknown[], cells: readonly CellSummary[]): string =>
  `${length === cells.length ? "all" : length} of ${plural(cells.length, "cell")}`;

function signersOf(all: readonly ({ readonly signer: string | null } | null)[]): string {
  return [...new Set(all.map((one) => one?.signer ?? "nobody who signed"))].sort().join(", ");
}

/** Lists why a run is not ranked although its receipts say what they should, a sentence each. */
export function trustProblems({ checks, cells }: Run): string[] {
  const failed = checks.filter(({ passed }) => !passed);
  const refuted = cells.filter(({ rerun }) => rerun?.reproduced === false);
  const fallen = cells.flatMap(({ audited }) => (audited?.holds === false ? [audited] : []));
  return [
    ...failed.map(({ name, where }) => `Failed the honesty check "${name}", as ${where} says.`),
    ...(refuted.length > 0 ? [`Not reproduced when it was run again: ${plural(refuted.length, "cell")}.`] : []),
    ...[...new Set(fallen.map(({ why }) => plainText(`Falls in an audit. ${why}`)))],
  ];
}
