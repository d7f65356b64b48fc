import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { commit } from "@everlearn/bench";
import { type FoundReport, randomDigits, readReport, readSecret } from "@everlearn/records";
import { Failure } from "../failure.js";
import { searchPath } from "../search-path.js";

/** Options of `everlearn secret`. */
export interface SecretArguments {
  readonly data?: string;
}

/** Options of `everlearn secret new`. */
export interface NewSecretArguments extends SecretArguments {
  /** The numbers of training and test examples; absent: those of glyphs. */
  readonly train?: number;
  readonly test?: number;
}

/** `everlearn secret new`: makes a secret of drawn digits, and prints its commitment. */
export async function newSecret(file: string, options: NewSecretArguments): Promise<void> {
  const { train, test } = options;
  const sizes = { ...(train === undefined ? {} : { train }), ...(test === undefined ? {} : { test }) };
  const secret = { dataset: { use: "glyphs", ...sizes, key: randomDigits() }, salt: randomDigits() };
  try {
    writeFileSync(file, `${JSON.stringify(secret, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      code === "EEXIST"
        ? `${file} exists, and a secret is never overwritten; choose another name.`
        : `${file} cannot be written (${code}).`,
    );
  }
  const commitment = await commitmentIn(file, options);
  process.stdout.write(
    `${file} is your secret: keep it to yourself, outside of results. Its commitment is for everybody: ${commitment}\n`,
  );
}

/** `everlearn secret commit`: prints what a secret is committed to by. */
export async function printCommitment(file: string, options: SecretArguments): Promise<void> {
  process.stdout.write(`${await commitmentIn(file, options)}\n`);
}

/** `everlearn secret reveal`: checks that reports were made with a secret that is no longer one. */
export async function revealSecret(file: string, reports: readonly string[], options: SecretArguments): Promise<void> {
  const found = reports.map(reportIn);
  const commitment = await commitmentIn(file, options);
  let others = 0;
  for (const { where, report, signer } of found) {
    const isIts = report.audit?.commitment === commitment;
    if (!isIts) others++;
    const how = signer === null ? "signed by nobody" : `signed by ${signer}`;
    process.stdout.write(`${where}: made with ${isIts ? "this" : "another"} secret, ${how}\n`);
  }
  if (others > 0) throw new Failure(`${others} of ${found.length} reports were made with another secret.`);
}

function reportIn(file: string): FoundReport {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const read = readReport(text, file);
  if ("problem" in read) throw new Failure(read.problem);
  if (!read.report.audit) throw new Failure(`${file} is a report of no audit.`);
  return read;
}

async function commitmentIn(file: string, { data }: SecretArguments): Promise<string> {
  const places = { place: dirname(resolve(file)), from: searchPath() };
  const folder = data === undefined ? {} : { folder: resolve(data) };
  return (await commit(readSecret(file), { ...places, ...folder })).commitment;
}
