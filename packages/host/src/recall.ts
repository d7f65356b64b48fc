import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chainOf, type PartRecord, type Plan, type PlanRecord, recallPlan } from "@everlearn/composition";
import { type Kind, type Plugin, SpecError } from "@everlearn/contracts";
import { isPath } from "./find.js";
import { load } from "./load.js";
import { sourceVersion } from "./source.js";

/**
 * Restores a run that another process has planned, without the code of its learner, buffer and networks. That process ran
 * strangers' code: what a record says of a module is compared with the module itself.
 * @param data the folder in which the user keeps data sets
 * @throws SpecError where a plugin or the data is not what the run was planned with
 */
export async function recall(record: PlanRecord, data: string | undefined): Promise<Plan> {
  const { augmentation, metrics, ...single } = record.parts;
  const all = [...Object.values(single as Record<string, PartRecord>), ...augmentation, ...metrics];
  for (const part of all.flatMap(chainOf))
    if (!isWhatItSays(part))
      throw new SpecError(
        `${record.where}${part.kind} "${part.name}" has changed since the run was planned; start again.`,
      );
  const importPlugin = async <K extends Kind>(part: PartRecord<K>): Promise<Plugin<K>> =>
    (await load(part.kind, () => part.url ?? "", part.package)).plugin;
  return recallPlan(record, importPlugin, data);
}

/** Whether a part's module is of the package, or of the source, that identifies the part. */
function isWhatItSays({ url, package: from, version }: PartRecord): boolean {
  if (url === undefined) return false;
  const file = fileURLToPath(url);
  if (isPath(from)) return sourceVersion(file) === version;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const found = manifestIn(folder);
    if (found?.name !== undefined) return found.name === from && String(found.version) === version;
  }
  return false;
}

function manifestIn(folder: string): { readonly name?: unknown; readonly version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as object;
  } catch {
    return undefined;
  }
}
