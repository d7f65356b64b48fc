import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { digest } from "@everlearn/digest";
import { isSealed } from "../seal.js";
import type { ReceiptProblem } from "./parse.js";
import type { Tuned } from "./tuned.js";

/** The honesty checks of a spec: `checks.json`. Whatever has `passed` is a check, whoever invented it. */
export interface ChecksRecord {
  readonly specId: string;
  readonly seal: string;
  readonly [check: string]: string | { readonly passed: boolean };
}

/** What lies beside receipts and says more of their runs, with its place. */
export type Companion = { readonly where: string } & ({ readonly checks: ChecksRecord } | { readonly tuned: Tuned });

/** The files of companions in a run's folder. */
export const companionFiles = { checks: "checks.json", tuned: "tuning.json" } as const;

const largest = 64 * 1024 * 1024;
const prefixes = { checks: '{"checks":', tuned: '{"tuned":' } as const;

/** Whether a line of a packed file is a companion's and no receipt's. */
export function isCompanionLine(text: string): boolean {
  return text.startsWith(prefixes.checks) || text.startsWith(prefixes.tuned);
}

/** A companion as a line of a packed file. */
export function companionLine(companion: Companion): string {
  const { where: _, ...said } = companion;
  return JSON.stringify(said);
}

/**
 * Reads honesty checks and searches' trials: `checks.json` and `tuning.json` files and lines of packed files, in the given
 * files and folders and beside given results. Those without a seal that fits are as good as absent, and named.
 */
export function* readCompanions(paths: readonly string[]): Generator<Companion | ReceiptProblem> {
  const seen = new Set<string>();
  for (const path of paths.flatMap(withNeighbours))
    for (const { text, where, kind } of textsIn(path)) {
      if (seen.has(where)) continue;
      seen.add(where);
      yield parsed(text, where, kind);
    }
}

/** A path, and the folder of the run that a single result or seed belongs to. */
function withNeighbours(path: string): string[] {
  const folder = basename(path) === "result.json" ? dirname(path) : path;
  if (!/^seed-\d+$/.test(basename(folder))) return [path];
  return [path, ...Object.values(companionFiles).map((name) => join(dirname(folder), name))];
}

interface Text {
  readonly text: string;
  readonly where: string;
  readonly kind: "checks" | "tuned" | "line";
}

function* textsIn(path: string): Generator<Text> {
  let found: Stats;
  try {
    found = statSync(path);
  } catch {
    return; // whoever reads receipts says so
  }
  if (found.isDirectory()) for (const entry of entriesOf(path)) yield* textsIn(join(path, entry));
  else if (found.isFile() && found.size <= largest) yield* textsOf(path);
}

function* textsOf(path: string): Generator<Text> {
  const name = basename(path);
  const isPacked = name.endsWith(".jsonl") && name !== "journal.jsonl";
  const kind = name === companionFiles.checks ? "checks" : name === companionFiles.tuned ? "tuned" : "line";
  if (kind === "line" && !isPacked) return;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return;
  }
  if (!isPacked) yield { text, where: path, kind };
  else
    for (const [i, line] of text.split("\n").entries())
      if (isCompanionLine(line)) yield { text: line, where: `${path}:${i + 1}`, kind: "line" };
}

function entriesOf(folder: string): string[] {
  try {
    const entries: Dirent[] = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isSymbolicLink() || !isFolder(join(folder, entry.name)))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function parsed(text: string, where: string, kind: Text["kind"]): Companion | ReceiptProblem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `${where} is damaged; it is as if it were not there.` };
  }
  const { checks, tuned } = (kind === "line" ? value : { [kind]: value }) as { checks?: unknown; tuned?: unknown };
  if (!isSealed(checks ?? tuned))
    return {
      problem: `${where} has no seal, or was changed after it was written; it is as if it were not there. "everlearn bench" makes it anew.`,
    };
  if (isChecks(checks)) return { where, checks };
  if (isTuned(tuned)) return { where, tuned };
  return { problem: `${where} is sealed, but no record of ${checks ? "honesty checks" : "a search"}.` };
}

const isHash = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isList = (value: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);
const isNumber = (value: unknown): value is number => typeof value === "number";

/** The names of the checks in a record. */
export function checksIn(record: ChecksRecord): { readonly name: string; readonly passed: boolean }[] {
  return Object.entries(record).flatMap(([name, check]) =>
    typeof check === "object" && check !== null && typeof check.passed === "boolean"
      ? [{ name, passed: check.passed }]
      : [],
  );
}

function isChecks(value: unknown): value is ChecksRecord {
  return isObject(value) && isHash(value.specId) && checksIn(value as ChecksRecord).length > 0;
}

function isTuned(value: unknown): value is Tuned {
  if (!isObject(value) || typeof value.run !== "string" || !isNumber(value.chosen)) return false;
  const { seeds, points } = value;
  return isList(seeds, isNumber) && isList(points, (point) => isPoint(point, seeds as number[]));
}

function isPoint(value: unknown, seeds: readonly number[]): boolean {
  if (!isObject(value) || !isObject(value.options) || !isHash(value.specId) || !isNumber(value.mean)) return false;
  const { specId, trialSpecId = specId, trials } = value;
  return (
    isHash(trialSpecId) &&
    isList(value.retainedAccuracy, isNumber) &&
    Array.isArray(trials) &&
    trials.length === seeds.length &&
    trials.every(
      (trial: unknown, i) =>
        isObject(trial) &&
        trial.cellId === digest({ specId: trialSpecId, seed: seeds[i] }) &&
        (trial.digest === null || isHash(trial.digest)),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
