import { type Choice, makeLinks, type Plan, type PlannedPart } from "@everlearn/composition";
import type { Tracker } from "@everlearn/contracts";
import { checkOptions } from "@everlearn/records";
import { resolvePlugin } from "./find.js";
import { type Installed, installed } from "./installed.js";

/** A plan's trackers, by the names that its spec has for them. @throws SpecError where one refuses its options */
export async function trackersOf({ parts, where }: Plan): Promise<{ name: string; tracker: Tracker }[]> {
  return Promise.all(
    parts.trackers.map(async (planned) => ({ name: planned.use, tracker: await made(planned, where) })),
  );
}

/**
 * Makes a tracker. It is no part of a cell: one tracker serves many runs, from another process than theirs.
 * @param from the folders in which plugins are looked for; first the spec's, to which paths are relative
 * @throws SpecError where there is none of this name, or it refuses its options
 */
export async function createTracker(choice: Choice, from: readonly string[]): Promise<Tracker> {
  return made(await planned(choice, from, await installed(from), "trackers"), "");
}

async function planned(
  { use, of, ...given }: Choice,
  from: readonly string[],
  known: readonly Installed[],
  place: string,
): Promise<PlannedPart<"tracker">> {
  const found = await resolvePlugin("tracker", use, from, known);
  const options = checkOptions(found.plugin, given, place);
  return { use, ...found, options, ...(of && { of: await planned(of, from, known, `${place}/of`) }) };
}

async function made(part: PlannedPart<"tracker">, where: string): Promise<Tracker> {
  const links = await makeLinks(part, {}, where);
  const [outermost] = links;
  if (links.length === 1) return outermost;
  return {
    sync: (runs, options) => outermost.sync(runs, options),
    async dispose() {
      for (const link of links) await link.dispose?.();
    },
  };
}
