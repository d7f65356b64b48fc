import { dirname, resolve } from "node:path";
import type { Choice, Plan, RunSpec } from "@everlearn/composition";
import { type Kind, SpecError } from "@everlearn/contracts";
import { findPackage, type Installed, isPath, plan } from "@everlearn/host";
import { type FoundReceipt, type Receipt, type ReceiptPlugin, type Result, runsOf } from "@everlearn/records";
import type { Comparison } from "./comparison.js";
import { type Trusted, type TrustedCode, trustedCode } from "./trusted-code.js";

/** A receipt that was run again. */
export interface Verification extends FoundReceipt, Comparison {
  /**
   * How the identity of the new run differs from the receipt's, a sentence each: other versions of plugins, and options
   * that they did not have then. Its bits are compared all the same.
   */
  readonly identity: readonly string[];
  /**
   * The differences from the new run, or why there is none, a sentence each. Empty: the receipt is true in all that was
   * compared.
   */
  readonly differences: readonly string[];
  /** The new run's; absent where the receipt's run could not be put together. */
  readonly result?: Result;
}

/**
 * The fields of a receipt that no verification vouches for: they change nothing that is computed. Of the protocol only a
 * budget that ends a run is part of its identity.
 */
export const notVouched = [
  ...["name", "label", "description", "settings", "suite", "track", "tuning source", "trials", "seconds", "usage"],
  ...["environment", "commit"],
] as const;

/** A receipt's run, planned again. */
export interface PlannedReceipt extends Pick<Verification, "identity" | "differences"> {
  /** Absent where there are differences already. */
  readonly planned?: Plan;
}

/**
 * Plans a receipt's cell again, from its own spec. Where a plugin has another version than in the receipt, or an option that
 * it did not have then, that is reported, and the bits can be compared all the same. Only installed packages run, and others
 * that are allowed; packages are compared before any is loaded.
 * @throws RunError where it cannot be planned for a reason of this machine's
 */
export function planReceipt({ receipt, where }: FoundReceipt, code: PlaceOfCode): Promise<PlannedReceipt> {
  return withSentences(async () => {
    // A receipt's spec is as untrusted as any other.
    const { trackers: _, ...spec } = receipt.spec;
    const [run] = runsOf({ ...spec, trackers: [], seeds: [receipt.seed] }, where);
    const found = await planTrusted(run, receipt.plugins, { where, ...code });
    if (!("planned" in found)) return found;
    const { planned } = found;
    const differences = otherRun(receipt, planned);
    if (differences.length > 0) return { identity: [], differences };
    return { identity: otherIdentity(receipt, planned), differences, planned };
  });
}

/** Plans a stranger's run from its spec, as a receipt's is planned; paths in it are relative to its file. */
export function planSubmission(run: RunSpec, where: string, code: PlaceOfCode): Promise<PlannedReceipt> {
  const base = resolve(dirname(where));
  const from = [base, ...code.from];
  return withSentences(async () => {
    const found = await planTrusted({ ...run, trackers: [] }, undefined, { where, ...code, from, base });
    return "planned" in found ? { identity: [], differences: [], planned: found.planned } : found;
  });
}

type PlaceOfCode = TrustedCode & { readonly folder?: string | undefined };

async function withSentences(act: () => Promise<PlannedReceipt>): Promise<PlannedReceipt> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { identity: [], differences: error.problems };
  }
}

/**
 * @param plugins those of a receipt, with which what is found here is compared
 * @param base the folder to which paths are relative, where it is not the first that packages are looked for in
 */
async function planTrusted(
  run: RunSpec,
  plugins: Receipt["plugins"],
  { where, from, allow, beside, folder, base }: PlaceOfCode & { readonly where: string; readonly base?: string },
): Promise<{ readonly planned: Plan } | Pick<Verification, "identity" | "differences">> {
  const trusted = await trustedCode(resolve(dirname(where)), { from, allow, beside });
  const places = base === undefined ? trusted.from : [base, ...trusted.from.filter((one) => one !== base)];
  const others = otherPackages(plugins, run, places, trusted);
  if (others.length > 0) return { identity: [], differences: others };
  return { planned: await plan(run, { from: places, folder, known: trusted.known, guard: trusted.guard }) };
}

const kinds = ["dataset", "stream", "scenario", "network", "optimizer", "learner", "buffer"] as const;

/**
 * Lists the packages that are not the receipt's, before any of their code runs.
 * @throws SpecError where a plugin is not installed, or its path is not allowed
 */
function otherPackages(
  plugins: NonNullable<Receipt["plugins"]> = {},
  run: RunSpec,
  from: readonly string[],
  { known, guard, refusal }: Trusted,
): string[] {
  const choices: [Kind, Choice | null | undefined, string][] = [
    ...kinds.map((kind): [Kind, Choice | null | undefined, string] => [kind, run[kind], kind]),
    ...(run.augmentation ?? []).map((choice, i): [Kind, Choice, string] => [
      "augmentation",
      choice,
      `augmentation/${i}`,
    ]),
    ...run.metrics.map((choice, i): [Kind, Choice, string] => ["metric", choice, `metrics/${i}`]),
  ];
  return choices.flatMap(([kind, first, field]) => {
    const problems: string[] = [];
    for (let choice = first, place: string = field; choice; choice = choice.of, place += "/of") {
      const { use } = choice;
      if (isPath(use)) guard(resolve(from[0], use));
      else {
        const refused = refusal(use);
        const here = packageOf(kind, use, from, known, refused);
        const then = plugins[place];
        for (const field of ["name", "package"] as const)
          if (then && then[field] !== here[field])
            problems.push(`plugins/${place}/${field} was ${then[field]}, here it is ${here[field]}: install that one.`);
      }
    }
    return problems;
  });
}

/** @throws SpecError that says why where there is none, or only one that may not run */
function packageOf(
  kind: Kind,
  use: string,
  from: readonly string[],
  known: readonly Installed[],
  refused: string | undefined,
): Installed {
  try {
    return findPackage(kind, use, from, known);
  } catch (error) {
    if (refused === undefined || !(error instanceof SpecError)) throw error;
    throw new SpecError(refused);
  }
}

/** Lists why the planned run is another one than the receipt's, so that comparing the bits would say nothing. */
function otherRun(receipt: Receipt, planned: Plan): string[] {
  const { specId, checksum } = receipt;
  const differences = changed(receipt, planned, "name", "package").map((change) => `${change}: install that one.`);
  if (checksum !== undefined && checksum !== planned.dataset.checksum)
    differences.push(`checksum was ${checksum}, here the data set has ${planned.dataset.checksum}.`);
  if (differences.length > 0) return differences;
  const versions = changed(receipt, planned, "version");
  if (specId === planned.specId) return versions.map((change) => `${change}, of which specId is the hash.`);
  return versions.length > 0 || addedOptions(receipt, planned).length > 0
    ? []
    : [
        "specId does not follow from the spec: an option was changed, or everlearn itself has changed what it computes.",
      ];
}

/** Lists how the identity differs although the run is the same: versions, and options that were added later. */
function otherIdentity(receipt: Receipt, planned: Plan): string[] {
  if (receipt.specId === planned.specId) return [];
  return [...changed(receipt, planned, "version").map((change) => `${change}.`), ...addedOptions(receipt, planned)];
}

/**
 * Lists the options that the receipt does not state. It states every option that its plugins had, so these were added
 * later.
 */
function addedOptions({ spec }: Receipt, planned: Plan): string[] {
  return Object.keys(planned.plugins).flatMap((place) => {
    const [then, here] = [choiceAt(spec, place), choiceAt(planned.spec, place)];
    if (then === undefined || here === undefined) return [];
    return Object.entries(here)
      .filter(([option]) => !Object.hasOwn(then, option))
      .map(([option, value]) => `spec/${place} has no ${option}; here it is ${JSON.stringify(value)}, by default.`);
  });
}

function choiceAt(spec: object, place: string): object | undefined {
  let at: unknown = spec;
  for (const step of place.split("/")) at = (at as Readonly<Record<string, unknown>> | undefined)?.[step];
  return at as object | undefined;
}

/**
 * Lists the plugins that differ in some of these fields, each as the beginning of a sentence. Trackers change no run,
 * and are left out.
 */
function changed({ plugins = {} }: Receipt, planned: Plan, ...fields: (keyof ReceiptPlugin)[]): string[] {
  return Object.entries(plugins).flatMap(([place, then]) => {
    if (place.startsWith("trackers/")) return [];
    const here = planned.plugins[place];
    return fields
      .filter((field) => then[field] !== here?.[field])
      .map((field) => `plugins/${place}/${field} was ${then[field]}, here it is ${here?.[field] ?? "absent"}`);
  });
}
