import { existsSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { digest, sha256 } from "@everlearn/digest";
import { parseReceipt } from "../receipt/parse.js";
import { type Receipt, type Result, sealOf } from "../receipt/receipt.js";
import { seal } from "../seal.js";
import { readBytes, textOf, withFile, writeFile } from "./file.js";
import { otherRun } from "./other-run.js";
import { runFiles } from "./run-files.js";

/** A file of a run is damaged, or was edited; the message names it and says what to do. */
export class DamagedError extends RunError {
  override name = "DamagedError";
}

/** The cell that a folder is looked at for, as it was planned. */
export interface ResultOwner extends Pick<Receipt, "seed" | "specId" | "cellId"> {
  readonly spec: object;
  readonly plugins: NonNullable<Receipt["plugins"]>;
  readonly checksum: string;
}

const remedy = "delete it and --resume makes it again";
const mostBytes = 64 * 1024 * 1024;

/** Seals a result and writes it into its run's folder. */
export function writeResult(directory: string, result: Omit<Result, "seal">): Result {
  const sealed = seal(result, sealOf) as Result;
  writeFile(join(directory, runFiles.result), `${JSON.stringify(sealed, null, 2)}\n`);
  return sealed;
}

/** Writes the file of a run's final weights. @returns its SHA-256 (hex), for the result */
export function writeWeights(directory: string, file: Uint8Array): string {
  writeFile(join(directory, runFiles.weights), file);
  return sha256(file);
}

/**
 * The result of a cell's run in a folder, if it came to an end.
 * @throws DamagedError where it, or the file of its weights, is damaged or was edited; RunError where it is another's
 */
export function readResult(directory: string, owner: ResultOwner): Result | undefined {
  const path = join(directory, runFiles.result);
  const result = receiptIn(directory) as Result | undefined;
  if (result === undefined) return undefined;
  if (result.cellId !== owner.cellId) throw otherRun(path);
  // The seal is over the answers' hash alone, since packed receipts leave the answers out; a run's own folder has them.
  if (result.predictions && result.predictions.deflated === undefined)
    throw new DamagedError(`The result "${path}" was edited: its answers are gone; ${remedy}.`);
  const other = unlike(result, owner);
  if (other !== undefined)
    throw new DamagedError(
      `The result "${path}" was edited: its ${other} is not the one from which its cellId follows; ${remedy}.`,
    );
  return result;
}

/**
 * The sealed receipt in a run's folder, whoever's it is, if there is one.
 * @throws DamagedError where it, or the file of its weights, is damaged or was edited
 */
export function receiptIn(directory: string): Receipt | undefined {
  const path = join(directory, runFiles.result);
  if (!existsSync(path)) return undefined;
  const where = `The result "${path}"`;
  const text = textOf(withFile("read", path, () => readBytes(path, mostBytes)));
  if (text === undefined) throw new DamagedError(`${where} is damaged: it is not UTF-8 text; ${remedy}.`);
  const found = parseReceipt({ text, where });
  if ("problem" in found) throw new DamagedError(`${found.problem.slice(0, -1)}; ${remedy}.`);
  if (found.receipt.seal === undefined) throw new DamagedError(`${where} has no seal; ${remedy}.`);
  if (found.receipt.name !== found.receipt.spec.name)
    throw new DamagedError(`${where} was edited: it bears another name than its spec; ${remedy}.`);
  const problem = weightsProblem(directory, found.receipt);
  if (problem !== undefined) throw new DamagedError(problem);
  return found.receipt;
}

/**
 * What is wrong with the weights beside a receipt, and what to do; undefined where nothing is. They may be missing: of a
 * cell that ran on another machine the receipt is all that came back.
 */
function weightsProblem(directory: string, { weights }: Receipt): string | undefined {
  const path = join(directory, runFiles.weights);
  if (weights === undefined || !existsSync(path)) return undefined;
  return sha256(withFile("read", path, () => readBytes(path))) === weights
    ? undefined
    : `The weights "${path}" are damaged: their SHA-256 is not the one in ${runFiles.result}; delete both files, and --resume makes them again.`;
}

/** Says that a receipt's weights are not beside it, and what to do; undefined where they are, or the run has none. */
export function missingWeights(directory: string, { weights }: Receipt): string | undefined {
  const path = join(directory, runFiles.weights);
  if (weights === undefined || existsSync(path)) return undefined;
  return `The weights "${path}" are missing; to have them, delete ${runFiles.result} beside them, and --resume makes both again.`;
}

/** The parts of a spec from which its specId follows. */
const identifying = [
  "dataset",
  "stream",
  "scenario",
  "network",
  "optimizer",
  "augmentation",
  "learner",
  "buffer",
  "metrics",
] as const;

/** The first field of a result that cannot be that of the cell whose id it bears. */
function unlike(result: Result, owner: ResultOwner): string | undefined {
  const [said, planned] = [claimsOf(result), claimsOf(owner)];
  return Object.keys(planned).find((field) => digest(said[field] ?? null) !== digest(planned[field] ?? null));
}

function claimsOf({ seed, specId, spec, plugins, checksum }: Omit<ResultOwner, "cellId">): Record<string, unknown> {
  const { protocol, batchSize, evaluation, canary, ...parts } = spec as Result["spec"] & { readonly canary?: unknown };
  const { gradientsPerExample, bytes } = protocol?.budget ?? {};
  const own = Object.entries(plugins).filter(([place]) => !place.startsWith("trackers/"));
  return {
    ...{ seed, specId, checksum, plugins: Object.fromEntries(own) },
    ...Object.fromEntries(identifying.map((part) => [`spec/${part}`, optionsOf(parts[part])])),
    ...{ "spec/batchSize": batchSize, "spec/evaluation": evaluation, "spec/canary": canary },
    "spec/protocol/budget": { gradientsPerExample, bytes },
  };
}

/** The options of a part and of those that it is made of, without the names by which a spec finds them: one part has several. */
function optionsOf(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(optionsOf);
  if (typeof part !== "object" || part === null) return part;
  const { use: _, of, ...options } = part as Readonly<Record<string, unknown>>;
  return of === undefined ? options : { ...options, of: optionsOf(of) };
}
