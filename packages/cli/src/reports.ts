import { readFileSync } from "node:fs";
import { arch, cpus, platform, release } from "node:os";
import type { AuditedCell, Verification } from "@everlearn/bench";
import type { Audited, Rerun } from "@everlearn/leaderboard";
import {
  type AuditReport,
  fingerprintOf,
  type FoundReport,
  type Receipt,
  readReport,
  type RerunEntry,
  type RerunReport,
  vouchedHash,
  writeFile,
  writtenReport,
} from "@everlearn/records";
import { Failure, warn } from "./failure.js";
import { version } from "./version.js";

/** Writes what came out of a verification, sealed and, with a private key, signed. */
export function writeReport(file: string, all: readonly Verification[], privateKey?: string): void {
  write(file, { receipts: all.map(entryOf) }, privateKey);
}

/** Writes what came out of an audit, in the same form: of receipts that were run again on their own data, that too. */
export function writeAudit(
  file: string,
  audit: AuditReport,
  { cells, privateKey }: { readonly cells: readonly AuditedCell[]; readonly privateKey: string | undefined },
): void {
  const receipts = cells.flatMap(({ submission: { receipt }, rerun }): RerunEntry[] => {
    if (!receipt || !rerun) return [];
    const { name, seed, cellId, digest = null } = receipt;
    const { outcome, differences, identity } = rerun;
    return [{ name, seed, cellId, digest, vouched: vouchedHash(receipt), outcome, differences, identity }];
  });
  write(file, { receipts, audit }, privateKey);
}

function write(file: string, said: Pick<RerunReport, "receipts" | "audit">, privateKey?: string): void {
  const report = {
    time: new Date().toISOString(),
    everlearn: version(),
    machine: {
      node: process.version,
      platform: `${platform()}-${arch()}`,
      release: release(),
      processor: cpus()[0]?.model ?? "",
    },
    ...said,
  };
  writeFile(file, writtenReport(report, privateKey));
}

function entryOf({ receipt, identity, differences, compared }: Verification): RerunEntry {
  const { name, seed, cellId, digest = null } = receipt;
  const outcome = differences.length === 0 ? "reproduced" : compared.length > 0 ? "different" : "not run";
  return { name, seed, cellId, digest, vouched: vouchedHash(receipt), outcome, differences, identity };
}

/** The text of a key's file. @throws Failure where it cannot be read or is no key */
export function readKey(file: string, check: (text: string) => unknown): string {
  try {
    const text = readFileSync(file, "utf8");
    check(text);
    return text;
  } catch (error) {
    throw new Failure(`${file} cannot be read as a key: ${(error as Error).message}. "everlearn key new" makes one.`);
  }
}

/** What reports say of receipts. */
export interface Reported {
  /** What came out when a receipt's cell was run again. */
  rerun(receipt: Receipt): Rerun | undefined;
  /** What came out of an audit that the receipt's cell was part of. */
  audited(receipt: Receipt): Audited | undefined;
}

/**
 * Reads reports of verifications and audits. Those that cannot be believed, or that were signed by none of the trusted keys
 * where some are given, are named and ignored.
 */
export function reported(files: readonly string[], trust: readonly string[]): Reported {
  const trusted = trust.map((file) => fingerprintOf(readKey(file, fingerprintOf)));
  const reruns = new Map<string, Rerun>();
  const audits = new Map<string, Audited>();
  for (const file of files) {
    const read = readReport(textOf(file), file);
    const problem = "problem" in read ? read.problem : distrust(file, read.signer, trusted);
    if (problem !== undefined) warn(problem);
    else if ("report" in read) take(read, reruns, audits);
  }
  return {
    rerun: (receipt) => (reruns.size === 0 ? undefined : reruns.get(vouchedHash(receipt))),
    audited: (receipt) => (audits.size === 0 ? undefined : audits.get(vouchedHash(receipt))),
  };
}

/** Of two reports the one that speaks against the receipt counts. */
function take({ report, signer }: FoundReport, reruns: Map<string, Rerun>, audits: Map<string, Audited>): void {
  for (const { vouched, outcome } of report.receipts)
    if (outcome === "different" || (outcome === "reproduced" && reruns.get(vouched)?.reproduced !== false))
      reruns.set(vouched, { reproduced: outcome === "reproduced", signer });
  for (const { cells, judgement, why, secret } of report.audit?.submissions ?? [])
    for (const { vouched } of cells)
      if (vouched !== null && judgement !== "unclear" && audits.get(vouched)?.holds !== false)
        audits.set(vouched, { holds: judgement === "holds", why, secret, signer });
}

function distrust(file: string, signer: string | null, trusted: readonly string[]): string | undefined {
  if (trusted.length === 0 || (signer !== null && trusted.includes(signer))) return undefined;
  return signer === null
    ? `${file} is not signed, and only reports of trusted keys count; it is ignored.`
    : `${file} is signed by ${signer}, which is none of the trusted keys; it is ignored.`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
