import { type Predictions, type Receipt, type Result, unpackPredictions } from "@everlearn/records";

/** A comparison of a receipt with a new run of its cell. */
export interface Comparison {
  /** The differences, a sentence each. */
  readonly differences: readonly string[];
  /** The fields that were compared, in the order of the run's own. */
  readonly compared: readonly string[];
  /** The fields of the run that the receipt leaves out, so that they were not compared. */
  readonly leftOut: readonly string[];
}

/** Fields that no new run can confirm: for whom it was made, time and machine, the journal, which has times in it, and the seal. */
const incidental = new Set(["suite", "tuning", "seconds", "usage", "environment", "commit", "journal", "seal"]);
/** The fields that identify the run. */
const identity = new Set(["name", "seed", "specId", "cellId", "spec"]);
/** What of that, and beside it, is compared before the run: it may have other versions of plugins. */
const before = new Set(["specId", "cellId", "spec", "plugins"]);

/**
 * Compares a receipt with a run of its cell, bit for bit. A receipt may leave out what it will, R and answers included,
 * as long as it has the digest, which is over parameters, R, answers and intermediate evaluations.
 */
export function compareResults(receipt: Receipt, result: Result): Comparison {
  const then = receipt as unknown as Record<string, unknown>;
  const now = result as unknown as Record<string, unknown>;
  const isLeftOut = (field: string) => then[field] === undefined;
  const told = Object.keys(now).filter((field) => !incidental.has(field) && !identity.has(field));
  const differences = Object.keys(then)
    .filter((field) => !incidental.has(field) && !before.has(field))
    .flatMap((field) => moved(field, then[field], now[field]));
  if (result.digest !== undefined && receipt.digest === undefined)
    differences.push(`digest is left out, run again it is ${jsonOf(result.digest)}: nothing vouches for this receipt.`);
  return {
    differences,
    compared: told.filter((field) => !isLeftOut(field)),
    leftOut: [...told.filter(isLeftOut), ...told.flatMap((field) => missing(field, then[field], now[field]))],
  };
}

/** Lists the members that a stated object leaves out, such as a metric. The answers may be left out, not their hash. */
function missing(field: string, then: unknown, now: unknown): string[] {
  if (!isObject(then) || !isObject(now)) return [];
  return Object.keys(now)
    .filter((key) => !Object.hasOwn(then, key) && key !== "deflated")
    .map((key) => `${field}/${key}`);
}

/** Lists the places where two values differ. What `then` leaves out of an object is not compared. */
function moved(path: string, then: unknown, now: unknown): string[] {
  if (Object.is(then, now)) return [];
  if (path === "predictions" && isObject(then) && isObject(now))
    return movedAnswers(then as unknown as Predictions, now as unknown as Predictions);
  if (Array.isArray(then) && Array.isArray(now) && then.length === now.length)
    return then.flatMap((value, i) => moved(`${path}/${i}`, value, now[i])).slice(0, 3);
  if (isObject(then) && isObject(now))
    return Object.keys(then).flatMap((key) => moved(`${path}/${key}`, then[key], now[key]));
  return [`${path} was ${jsonOf(then)}, run again it is ${jsonOf(now)}.`];
}

/** Compares the answers themselves where the receipt has them, else their hash. */
function movedAnswers(then: Predictions, now: Predictions): string[] {
  const { deflated, ...rest } = then;
  const before = deflated === undefined ? undefined : unpackPredictions(then);
  if (deflated !== undefined && before === undefined)
    return [`predictions/deflated does not hold the ${then.count} answers of which predictions/sha256 is the hash.`];
  const after = unpackPredictions(now);
  if (before === undefined || after === undefined || before.length !== after.length)
    return Object.entries(rest).flatMap(([key, value]) =>
      moved(`predictions/${key}`, value, now[key as keyof Predictions]),
    );
  const places = Array.from({ length: now.count }, (_, i) => i);
  return places
    .filter((i) => before.readUInt16LE(2 * i) !== after.readUInt16LE(2 * i))
    .slice(0, 3)
    .map((i) => `predictions/${i} was ${before.readUInt16LE(2 * i)}, run again it is ${after.readUInt16LE(2 * i)}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
