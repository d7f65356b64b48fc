import { type Choice, makeLinks, type PlannedPart, resolveOptions } from "@everlearn/composition";
import { type Dataset, SpecError } from "@everlearn/contracts";
import { checkOptions } from "@everlearn/records";
import { resolvePlugin } from "./find.js";
import { type Installed, installed } from "./installed.js";
import type { PlanPlaces } from "./plan.js";
import { sourceVersion } from "./source.js";

/**
 * Loads a data set that a choice names outside of a run, such as an organiser's own.
 * @throws SpecError where it cannot be found or made, or an option is wrong; other errors are the plugin's own
 */
export async function chosenDataset(choice: Choice, { from, folder }: PlanPlaces): Promise<Dataset> {
  const planned = await plannedDataset(choice, from, await installed(from));
  const [dataset] = await makeLinks(planned, { folder }, "");
  return dataset;
}

async function plannedDataset(
  { use, of, ...given }: Choice,
  from: readonly string[],
  known: readonly Installed[],
): Promise<PlannedPart<"dataset">> {
  const found = await resolvePlugin("dataset", use, from, known);
  const context = { folder: from[0] ?? ".", version: sourceVersion, checkOptions, find: notFound };
  const checked = checkOptions(found.plugin, given, "dataset");
  const { options } = await resolveOptions(found.plugin, checked, context, "dataset");
  return { ...found, use, options, ...(of && { of: await plannedDataset(of, from, known) }) };
}

function notFound(): never {
  throw new SpecError("No other plugin is looked for here.");
}
