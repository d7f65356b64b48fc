export type {
  Budget,
  Choice,
  EvaluationProtocol,
  Protocol,
  RunSpec,
  Search,
  Source,
  Tuning,
} from "@everlearn/composition";
export { checker, checkOptions } from "./check.js";
export { type Checkpoint, readCheckpoint, writeCheckpoint } from "./folder/checkpoint.js";
export { deleteFile, makeFolder, readBytes, textOf, withFile, writeFile } from "./folder/file.js";
export { acquire, isLocked, type Lock, LockedError, lock, type Waiting } from "./folder/lock.js";
export {
  DamagedError,
  missingWeights,
  readResult,
  receiptIn,
  type ResultOwner,
  writeResult,
  writeWeights,
} from "./folder/result.js";
export { runFiles } from "./folder/run-files.js";
export { runFolders, tidy } from "./folder/run-folder.js";
export { readSealed, writeSealed } from "./folder/sealed-file.js";
export { type Journal, openJournal } from "./journal/journal.js";
export { createJournalReader, type JournalReader } from "./journal/reader.js";
export { type FoundReceipt, parseReceipt, type ReceiptProblem, type ReceiptText } from "./receipt/parse.js";
export { packPredictions, unpackPredictions } from "./receipt/predictions.js";
export { compact, type ReadOptions, readReceipts, sourceOf } from "./receipt/read.js";
export {
  type Predictions,
  type Receipt,
  type ReceiptPlugin,
  type ReceiptSpec,
  type Result,
  sealOf,
  type Status,
} from "./receipt/receipt.js";
export { printable } from "./printable.js";
export {
  type ChecksRecord,
  checksIn,
  type Companion,
  companionFiles,
  companionLine,
  readCompanions,
} from "./receipt/companions.js";
export { type AuditedCellEntry, type AuditEntry, type AuditReport, type judgements } from "./receipt/audits.js";
export { commitmentOf, randomDigits, readSecret, type Secret, withoutSecret } from "./receipt/secret.js";
export {
  createKeys,
  fingerprintOf,
  type FoundReport,
  readReport,
  type RerunEntry,
  type RerunReport,
  vouchedHash,
  writtenReport,
} from "./receipt/reruns.js";
export type { Tuned, TunedPoint } from "./receipt/tuned.js";
export { isSealed, seal, type Sealed } from "./seal.js";
export { parseJson } from "./spec/json.js";
export { protocolSchema } from "./spec/protocol.js";
export { readSpecs, runsOf } from "./spec/read.js";
export { suiteIdOf } from "./spec/suite-id.js";
export { formsWith, gridSchema, type SchemaOf, specSchema, suiteSchema } from "./spec/schema.js";
export { inThreads } from "./threads.js";
