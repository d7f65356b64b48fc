import { type PartRecord, type Plan, type PlanRecord, recallPlan } from "@everlearn/composition";
import { type Kind, type Plugin, SpecError } from "@everlearn/contracts";
import { locatePlugin } from "./find.js";
import { installed } from "./installed.js";
import { load } from "./load.js";
import type { PlanPlaces } from "./plan.js";

/**
 * Restores a run that another process has planned, without the code of its learner, buffer and networks.
 * @throws SpecError where a plugin or the data is not what it was planned with
 */
export async function recall(record: PlanRecord, { from, folder }: Omit<PlanPlaces, "code">): Promise<Plan> {
  const known = await installed(from);
  const { metrics, ...single } = record.parts;
  // Nothing of a record is believed that can be seen from here: it comes from a process that ran strangers' code.
  for (const part of [...Object.values(single as Record<string, PartRecord>), ...metrics].flatMap(linksOf)) {
    const found = await locatePlugin(part.kind, part.use, from, known);
    if (found.package !== part.package || found.version !== part.version || found.url !== part.url)
      throw new SpecError(
        `${record.where}${part.kind} "${part.name}" has changed since the run was planned; start again.`,
      );
  }
  const importPlugin = async <K extends Kind>(part: PartRecord<K>): Promise<Plugin<K>> =>
    (await load(part.kind, () => part.url ?? "", part.package)).plugin;
  return recallPlan(record, importPlugin, folder);
}

function linksOf(part: PartRecord): PartRecord[] {
  return [part, ...(part.of ? linksOf(part.of) : [])];
}
