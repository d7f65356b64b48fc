import type { JournalRecord } from "@everlearn/contracts";
import { sha256 } from "@everlearn/digest";

/** A line of a journal, read. */
export interface Line {
  readonly record: JournalRecord;
  /** The checksum of this line and all before it. */
  readonly sum: string;
  /** Whether the line bears it, as all lines do since there are checksums. */
  readonly summed: boolean;
}

/** What the checksum of a first line continues. */
export const noSum = "";

/** The first 16 hexadecimal digits of the SHA-256 of the checksum before and a line's content. */
function sumOf(before: string, content: Uint8Array | string): string {
  return sha256(before, content).slice(0, 16);
}

/** Behind a record's other fields, so that what comes before is its content as it was. */
const tail = /^,"sum":"([0-9a-f]{16})"\}$/;
const tailLength = `,"sum":"0123456789abcdef"}`.length;

/** A record as a line, with a checksum that continues the one before. */
export function lineOf(record: JournalRecord, before: string): { readonly line: string; readonly sum: string } {
  const content = JSON.stringify(record);
  const sum = sumOf(before, content);
  return { line: `${content.slice(0, -1)},"sum":"${sum}"}\n`, sum };
}

/**
 * Reads a line of a journal, without its line break.
 * @param summed whether a line before it bears a checksum, so that this one must
 * @returns "checksum" where the line, or those before it, are not as they were written; undefined where it is no record
 */
export function parseLine(bytes: Buffer, before: string, summed: boolean): Line | "checksum" | undefined {
  const [, sum] = tail.exec(bytes.toString("latin1", Math.max(0, bytes.length - tailLength))) ?? [];
  if (sum === undefined) {
    // Of an earlier version, of which the records are known: a checksum that was damaged does not make one. It counts
    // otherwise than a line that bears one, or that could be taken away from the first lines.
    const record = parsed(bytes.toString());
    if (record === undefined) return undefined;
    return summed || !isKnown(record) ? "checksum" : { record, sum: sumOf(`${before} `, bytes), summed: false };
  }
  const content = Buffer.concat([bytes.subarray(0, -tailLength), Buffer.from("}")]);
  if (sumOf(before, content) !== sum) return "checksum";
  const record = parsed(content.toString());
  return record && { record, sum, summed: true };
}

function parsed(text: string): JournalRecord | undefined {
  try {
    const record = JSON.parse(text) as JournalRecord | null;
    return typeof record?.type === "string" ? record : undefined;
  } catch {
    return undefined;
  }
}

type Fields = { readonly [R in JournalRecord as R["type"]]: { readonly [F in keyof R]-?: true } };

const common = { type: true, time: true } as const;
const evaluation = { ...common, examples: true, accuracy: true } as const;

/** The fields of each record. If a record has one that is not listed here, this does not compile. */
const fields: Fields = {
  start: {
    ...{ ...common, name: true, specId: true, cellId: true, seed: true, spec: true, plugins: true },
    ...{ checksum: true, tasks: true, classes: true, classNames: true, commit: true },
  },
  evaluation: { ...evaluation, after: true, confusion: true, probe: true },
  glance: { ...evaluation, experience: true },
  prequential: { ...evaluation, experience: true, kappa: true, kappaM: true },
  training: { ...common, experience: true, examples: true, loss: true, examplesPerSecond: true },
  end: { ...common, metrics: true, digest: true },
  failed: { ...common, message: true },
};

function isKnown(record: JournalRecord): boolean {
  return (
    Object.hasOwn(fields, record.type) &&
    Object.keys(record).every((field) => Object.hasOwn(fields[record.type], field))
  );
}
