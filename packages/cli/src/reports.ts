import { readFileSync } from "node:fs";
import { arch, cpus, platform, release } from "node:os";
import type { Verification } from "@everlearn/bench";
import type { Rerun } from "@everlearn/leaderboard";
import {
  fingerprintOf,
  type Receipt,
  readReport,
  type RerunEntry,
  vouchedHash,
  writeFile,
  writtenReport,
} from "@everlearn/records";
import { Failure, warn } from "./failure.js";
import { version } from "./version.js";

/** Writes what came out of a verification, sealed and, with a private key, signed. */
export function writeReport(file: string, all: readonly Verification[], privateKey?: string): void {
  const report = {
    time: new Date().toISOString(),
    everlearn: version(),
    machine: {
      node: process.version,
      platform: `${platform()}-${arch()}`,
      release: release(),
      processor: cpus()[0]?.model ?? "",
    },
    receipts: all.map(entryOf),
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

/**
 * Reads reports of verifications, and answers what came out of a receipt. Those that cannot be believed, or that were signed
 * by none of the trusted keys where some are given, are named and ignored.
 */
export function rerunsIn(files: readonly string[], trust: readonly string[]): (receipt: Receipt) => Rerun | undefined {
  const trusted = trust.map((file) => fingerprintOf(readKey(file, fingerprintOf)));
  const found = new Map<string, Rerun>();
  for (const file of files) {
    const read = readReport(textOf(file), file);
    const problem = "problem" in read ? read.problem : distrust(file, read.signer, trusted);
    if (problem !== undefined) warn(problem);
    else if ("report" in read)
      // Of two reports the one that contradicts the receipt counts.
      for (const { vouched, outcome } of read.report.receipts)
        if (outcome === "different" || (outcome === "reproduced" && found.get(vouched)?.reproduced !== false))
          found.set(vouched, { reproduced: outcome === "reproduced", signer: read.signer });
  }
  return (receipt) => (found.size === 0 ? undefined : found.get(vouchedHash(receipt)));
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
