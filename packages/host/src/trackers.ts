import { assertComplete, type Choice, make, type Plan, type PlannedPart } from "@everlearn/composition";
import type { Tracker } from "@everlearn/contracts";
import { checkOptions } from "@everlearn/records";
import { resolvePlugin } from "./find.js";
import { installed } from "./installed.js";

/** A plan's trackers, by the names that its spec has for them. @throws SpecError where one refuses its options */
export async function trackersOf({ parts, where }: Plan): Promise<{ name: string; tracker: Tracker }[]> {
  return Promise.all(
    parts.trackers.map(async (planned) => ({ name: planned.use, tracker: await made(planned, where) })),
  );
}

/**
 * Makes a tracker, which is no part of a cell: one serves many runs, and in another process than theirs.
 * @param from where plugins are looked for; first the spec's folder, to which paths are relative
 * @throws SpecError where there is none of this name, or it refuses its options
 */
export async function createTracker({ use, ...given }: Choice, from: readonly string[]): Promise<Tracker> {
  const found = await resolvePlugin("tracker", use, from, await installed(from));
  const options = checkOptions(found.plugin, given, "trackers");
  return made({ use, ...found, options }, "");
}

async function made(planned: PlannedPart<"tracker">, where: string): Promise<Tracker> {
  const tracker = await make(planned, {}, where);
  assertComplete(tracker, planned.plugin, where);
  return tracker;
}
