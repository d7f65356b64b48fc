import { reasonsText } from "./apart.js";
import { plainText } from "./plain-text.js";
import type { Row, Setting, Suite } from "./standings.js";

type Value = string | number | null;

const columns: readonly (readonly [string, (row: Row, setting: Setting, suite: Suite) => Value])[] = [
  ["suite", (_row, _setting, { name, title }) => name ?? title],
  ["setting", (_row, { name }) => name],
  ["rules", (_row, _setting, { defined }) => (defined ? "suite" : "receipts")],
  ["standing", ({ rank, reasons }) => (reasons.length > 0 ? "set apart" : rank === null ? "preview" : "ranked")],
  ["rank", ({ rank }) => rank],
  ["bestPlace", ({ band }) => band?.best ?? null],
  ["worstPlace", ({ band }) => band?.worst ?? null],
  ["label", ({ label }) => label],
  ["run", ({ run }) => run.name],
  ["learner", ({ run }) => plainText(run.plugins?.learner?.name ?? run.spec.learner.use)],
  ["package", ({ run }) => plainText(run.plugins?.learner?.package ?? "")],
  ["version", ({ run }) => plainText(run.plugins?.learner?.version ?? "")],
  ["seeds", ({ n }) => n],
  ["retainedAccuracy", ({ metric, score }) => (metric === "retainedAccuracy" ? score : null)],
  ["prequentialAccuracy", ({ metric, score }) => (metric === "prequentialAccuracy" ? score : null)],
  ["lower", ({ interval }) => interval?.lower ?? null],
  ["upper", ({ interval }) => interval?.upper ?? null],
  ["learningAccuracy", ({ learningAccuracy }) => learningAccuracy],
  ["backwardTransferAndInterference", (row) => row.backwardTransferAndInterference],
  ["forgetting", ({ forgetting }) => forgetting],
  ["gradientsPerExample", ({ gradientsPerExample }) => gradientsPerExample],
  ["bytes", ({ bytes }) => bytes],
  ["capacity", ({ capacity }) => capacity],
  ["diverged", ({ diverged }) => diverged],
  ["overBudget", ({ overBudget }) => overBudget],
  ["specId", ({ run }) => run.specId],
  ["trust", ({ trust }) => trust.text],
  ["reasons", ({ reasons }) => reasonsText(reasons)],
  ["notes", ({ notes }) => notes.join(" ")],
];

/**
 * All settings in one table (RFC 4180, a line for each run in each setting): fractions in full, nothing where there is
 * none. Text that a spreadsheet would take for a formula begins with an apostrophe.
 */
export function csv(suites: readonly Suite[]): string {
  const lines = suites.flatMap((suite) =>
    suite.settings.flatMap((setting) =>
      [...setting.rows, ...setting.apart].map((row) => columns.map(([, value]) => csvCell(value(row, setting, suite)))),
    ),
  );
  return [columns.map(([name]) => name), ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** A cell: numbers as they are, minus sign and all. */
export function csvCell(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = /^[\s\p{Cc}]*[=+\-@\t\r\n＝＋－＠]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
