import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { digest } from "@everlearn/digest";
import { isSealed, type Sealed, seal } from "../seal.js";
import { type AuditReport, isAudit } from "./audits.js";
import type { ReceiptProblem } from "./parse.js";
import type { Receipt } from "./receipt.js";

/** What came out when receipts were run again, where and by which version. */
export interface RerunReport {
  readonly time: string;
  /** The version of everlearn. */
  readonly everlearn: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly receipts: readonly RerunEntry[];
  /** What came out on secret data, where that was asked for. */
  readonly audit?: AuditReport;
}

/** What came out of one receipt. */
export interface RerunEntry {
  readonly name: string;
  readonly seed: number;
  readonly cellId: string;
  readonly digest: string | null;
  /** See `vouchedHash`. */
  readonly vouched: string;
  /** `not run`: for a reason of this machine's, or of a plugin that is not installed. */
  readonly outcome: "reproduced" | "different" | "not run";
  readonly differences: readonly string[];
  /** Other versions of plugins than the receipt's. */
  readonly identity: readonly string[];
}

/** A report that can be believed as far as its signature goes. */
export interface FoundReport {
  readonly where: string;
  readonly report: RerunReport;
  /** The fingerprint of the key that signed it; null: nobody signed it. */
  readonly signer: string | null;
}

/** What a re-run vouches for, besides the parts of the spec. */
const vouched = [
  ...["seed", "specId", "cellId", "plugins", "checksum", "status", "message", "chance", "taskLabels", "accuracy"],
  ...[
    "initial",
    "tasks",
    "classes",
    "classNames",
    "confusion",
    "probe",
    "glances",
    "prequential",
    "metrics",
    "examples",
  ],
  ...["gradients", "bytes", "digest"],
] as const;
const parts = [
  ...[
    "dataset",
    "stream",
    "scenario",
    "network",
    "optimizer",
    "augmentation",
    "learner",
    "buffer",
    "batchSize",
    "evaluation",
    "metrics",
  ],
] as const;

/** SHA-256 (hex) of all that a re-run of a receipt vouches for: another receipt of the cell that says otherwise has another. */
export function vouchedHash(receipt: Receipt): string {
  const { spec, predictions } = receipt;
  return digest({
    ...Object.fromEntries(vouched.map((field) => [field, receipt[field]])),
    spec: Object.fromEntries(parts.map((part) => [part, spec[part]])),
    answers: predictions && { count: predictions.count, sha256: predictions.sha256 },
  });
}

/** A key pair for reports (Ed25519, PEM). */
export function createKeys(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privateKey: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    publicKey: String(publicKey.export({ type: "spki", format: "pem" })),
  };
}

/** The SHA-256 of a public key (PEM), of which 16 digits are enough to tell keys apart. @throws where it is no such key */
export function fingerprintOf(publicKey: string): string {
  return fingerprint(ed25519(createPublicKey(publicKey)));
}

/** A report as text, sealed and, where a private key (PEM) is given, signed. @throws where it is no such key */
export function writtenReport(report: RerunReport, privateKey?: string): string {
  const sealed = seal(report);
  if (privateKey === undefined) return `${JSON.stringify({ report: sealed }, null, 2)}\n`;
  const key = ed25519(createPrivateKey(privateKey));
  const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" });
  const value = sign(null, signedText(sealed), key).toString("base64");
  return `${JSON.stringify({ report: sealed, signature: { publicKey, value } }, null, 2)}\n`;
}

/** Reads a report, and checks its seal and its signature. */
export function readReport(text: string, where: string): FoundReport | ReceiptProblem {
  let value: { report?: unknown; signature?: { publicKey?: unknown; value?: unknown } | undefined } | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return { problem: `${where} is damaged, or no report; it is ignored.` };
  }
  const report = value?.report;
  if (!isSealed(report) || !isReport(report))
    return { problem: `${where} is no report, or was changed after it was written; it is ignored.` };
  const signature = value?.signature;
  if (signature === undefined) return { where, report, signer: null };
  const signer = signerOf(report, signature);
  return signer === undefined
    ? { problem: `${where} has a signature that is not right; it is ignored.` }
    : { where, report, signer };
}

function signerOf(
  report: Sealed<object>,
  { publicKey, value }: { publicKey?: unknown; value?: unknown },
): string | undefined {
  try {
    const key = ed25519(createPublicKey(String(publicKey)));
    return verify(null, signedText(report), key, Buffer.from(String(value), "base64")) ? fingerprint(key) : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing else that is signed with the key can pass for a report. */
function signedText({ seal }: Sealed<object>): Buffer {
  return Buffer.from(`everlearn verification report ${seal}`);
}

function fingerprint(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError("it is no Ed25519 key");
  return key;
}

function isReport(value: object): value is Sealed<RerunReport> {
  const { receipts, audit } = value as { receipts?: unknown; audit?: unknown };
  return (
    (audit === undefined || isAudit(audit)) &&
    Array.isArray(receipts) &&
    receipts.every(
      (one: Partial<RerunEntry> | null) =>
        typeof one?.cellId === "string" &&
        typeof one.vouched === "string" &&
        ["reproduced", "different", "not run"].includes(one.outcome ?? ""),
    )
  );
}
