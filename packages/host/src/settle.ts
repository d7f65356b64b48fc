import { resolve } from "node:path";
import type { Need, OptionsOf, OptionsSchema, Plugin, Settled } from "@everlearn/contracts";
import { SpecError } from "./error.js";
import { sourceVersion } from "./source.js";

/**
 * A plugin's options with what they left open decided.
 * @param where what comes before its sentence
 * @throws SpecError where the plugin refuses them, by a RangeError
 */
export async function settle(
  plugin: Pick<Plugin<never, OptionsSchema, Need>, "settle">,
  options: OptionsOf<OptionsSchema>,
  folder: string,
  where: string,
): Promise<Settled> {
  try {
    return (await plugin.settle?.(options, { folder: resolve(folder), version: sourceVersion })) ?? { options };
  } catch (error) {
    throw error instanceof RangeError ? new SpecError(`${where}: ${error.message}`, { cause: error }) : error;
  }
}
