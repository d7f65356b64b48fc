import { createPrivateKey } from "node:crypto";
import { dirname, isAbsolute, resolve } from "node:path";
import { audit, type AuditedCell, judge, type Submission } from "@everlearn/bench";
import { StoppedError } from "@everlearn/contracts";
import { formatPercent } from "@everlearn/leaderboard";
import { type AuditEntry, type AuditReport, printable, readSecret, type Secret } from "@everlearn/records";
import { out as color } from "../color.js";
import { Failure, warn } from "../failure.js";
import { interruptible } from "../interrupt.js";
import { readKey, writeAudit } from "../reports.js";
import { searchPath } from "../search-path.js";
import { folderOf, readSubmissions } from "../submissions.js";
import { createWatch } from "../watch.js";

/** Options of `everlearn audit`. */
export interface AuditArguments {
  /** The file of the secret. */
  readonly secret: string;
  /** Receipts and specs of learners that the organiser trusts. */
  readonly reference?: readonly string[];
  /** Whether receipts are run again on their own data, too. */
  readonly rerun: boolean;
  readonly seeds?: readonly number[];
  readonly out: string;
  readonly data?: string;
  /** Packages and paths whose code may run besides what is installed. */
  readonly allow?: readonly string[];
  readonly jobs: number;
  readonly patience: number;
  /** The file for a report. */
  readonly report?: string;
  /** The private key that signs it. */
  readonly key?: string;
}

/** `everlearn audit`: runs submissions on data that only their organiser knows, and says who does there as well as promised. */
export async function auditSubmissions(paths: readonly string[], options: AuditArguments): Promise<void> {
  const { report, key, seeds } = options;
  if (key !== undefined && report === undefined)
    throw new Failure("--key signs a report; name its file with --report.");
  const privateKey = key === undefined ? undefined : readKey(key, createPrivateKey);
  const secret = readSecret(options.secret);
  adviseOn(secret, options.secret);
  const theirs = await readSubmissions(paths, { reference: false, seeds });
  const named = options.reference ?? [];
  const ours = named.length > 0 ? await readSubmissions(named, { reference: true, seeds }) : undefined;
  const all = [...(ours?.submissions ?? []), ...theirs.submissions];
  const { commitment, cells } = await run(all, secret, { ...options, beside: [...paths, ...named].map(folderOf) });
  const judged = judge(commitment, cells);
  process.stdout.write(textOf(judged));
  if (report !== undefined) writeAudit(report, judged, { cells, privateKey });
  conclude(judged, theirs.rejected + (ours?.rejected ?? 0));
}

async function run(
  all: readonly Submission[],
  secret: Secret,
  options: AuditArguments & { readonly beside: readonly string[] },
): Promise<{ readonly commitment: string; readonly cells: readonly AuditedCell[] }> {
  const { out, data, allow = [], jobs, patience, rerun, beside } = options;
  const watch = createWatch(process.stderr);
  let done = 0;
  try {
    return await interruptible((signal) =>
      audit(all, secret, {
        ...{ out, rerun, jobs, patience, signal, beside, from: searchPath() },
        place: dirname(resolve(options.secret)),
        // A path that a submission names is compared with what is meant here.
        allow: allow.map((one) => (/^\.{1,2}\//.test(one) && !isAbsolute(one) ? resolve(one) : one)),
        ...(data === undefined ? {} : { folder: resolve(data) }),
        onProgress: (progress) => watch.show(progress),
        onCell(cell) {
          watch.clear();
          process.stdout.write(`${++done}/${all.length} ${lineOf(cell)}\n`);
        },
      }),
    );
  } catch (error) {
    if (error instanceof StoppedError)
      throw new Failure("Stopped; nothing is lost. The same command continues from there.", 130);
    throw error;
  } finally {
    watch.clear();
  }
}

/** Warns of a secret that a learner could find out from the examples that it is shown. */
function adviseOn({ dataset }: Secret, file: string): void {
  if (dataset.use === "glyphs" && !("key" in dataset))
    warn(
      `${file} draws glyphs with a seed alone, which a program finds out from one image in minutes; "everlearn secret new" makes a key.`,
    );
}

function lineOf({ submission: { run, seed }, declared, rerun, secret, problems }: AuditedCell): string {
  const numbers = [
    ...(declared ? [`${formatPercent(declared.score)} declared`] : []),
    ...(rerun?.measure ? [`${formatPercent(rerun.measure.score)} run again`] : []),
    ...(secret ? [`${formatPercent(secret.score)} on secret data`] : []),
  ];
  const said = [...(rerun?.differences ?? []), ...problems].map((problem) => `\n  ${printable(problem)}`);
  return `${run.name} seed ${seed}: ${numbers.join(", ") || "not run"}${said.join("")}`;
}

const marks = { holds: color.green("✓"), falls: color.red("✗"), unclear: "?" } as const;

function textOf({ submissions, commitment }: AuditReport): string {
  const lines = submissions.map(({ name, reference, judgement, why, cells, ...means }) => {
    const seeds = `${cells.length} ${cells.length === 1 ? "seed" : "seeds"}`;
    const mark = reference ? "·" : marks[judgement];
    return `${mark} ${color.bold(name)} (${reference ? "reference" : judgement}, ${seeds}): ${numbersOf(means)}. ${printable(why)}\n`;
  });
  return `${lines.join("")}The secret's commitment: ${commitment}\n`;
}

function numbersOf({ declared, rerun, secret }: Pick<AuditEntry, "declared" | "rerun" | "secret">): string {
  const parts = [
    ...(declared === null ? [] : [`${formatPercent(declared)} declared`]),
    ...(rerun === null ? [] : [`${formatPercent(rerun)} run again`]),
    `${formatPercent(secret)} on secret data`,
  ];
  return parts.join(", ");
}

/** @throws Failure where a submission falls, is not as it was declared, or could not be run */
function conclude({ submissions }: AuditReport, rejected: number): void {
  const theirs = submissions.filter(({ reference }) => !reference);
  const count = (problem: (one: AuditEntry) => boolean) => theirs.filter(problem).length;
  const fallen = count(({ judgement }) => judgement === "falls");
  const incomplete = count(({ cells }) => cells.some(({ problems }) => problems.length > 0));
  const sentences = [
    ...(fallen > 0 ? [`${fallen} of ${theirs.length} submissions fall on secret data`] : []),
    ...(incomplete > 0 ? [`${incomplete} of ${theirs.length} could not be run or reproduced`] : []),
    ...(rejected > 0 ? [`${rejected} receipts were rejected`] : []),
  ];
  if (sentences.length > 0) throw new Failure(`${sentences.join("; ")}.`);
}
