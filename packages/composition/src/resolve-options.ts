import { type OptionsOf, type OptionsSchema, type Plugin, type ResolvedOptions, SpecError } from "@everlearn/contracts";
import type { PlanContext } from "./plan.js";

/**
 * Has a plugin decide what its options left open.
 * @param where what comes before its sentence
 * @throws SpecError where the plugin refuses them, by a RangeError
 */
export async function resolveOptions(
  plugin: Pick<Plugin, "resolveOptions">,
  options: OptionsOf<OptionsSchema>,
  { folder, version }: PlanContext,
  where: string,
): Promise<ResolvedOptions> {
  try {
    return (await plugin.resolveOptions?.(options, { folder, version })) ?? { options };
  } catch (error) {
    throw error instanceof RangeError ? new SpecError(`${where}: ${error.message}`, { cause: error }) : error;
  }
}
