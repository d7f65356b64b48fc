import { resolve } from "node:path";
import type { PluginContext, ResolvedOptions } from "@everlearn/contracts";
import { fastest, loadBackend } from "./backend.js";
import { versionOfModel } from "./file.js";
import { isPath } from "./model.js";
import type { TfjsOptions, options } from "./options.js";

/**
 * Decides which backend computes, and says what else there might have been; finds out which model a path leads to.
 * @throws RangeError where the backend cannot be had, or the model is not the one that the run was made with
 */
export async function resolveOptions(
  given: TfjsOptions,
  { folder, version: versionOf }: PluginContext,
): Promise<ResolvedOptions<typeof options>> {
  const { model, version: wanted } = given;
  const version = isPath(model) ? versionOfPath(model, folder, versionOf) : "";
  if (wanted !== "" && wanted !== version)
    throw new RangeError(
      `The model "${model}" is not the one that this was made with: its version is ${version || "its package's"}, not ${wanted}.`,
    );
  const { backend, description, refused } =
    given.backend === "auto"
      ? await fastest([folder])
      : { ...(await loadBackend(given.backend, [folder])), refused: [] };
  const others = refused.map(({ reason }) => reason).join(" ");
  return {
    options: { ...given, backend, version },
    environment: { tfjs: `${backend}: ${description}`, ...(others !== "" && { "tfjs, why no other": others }) },
  };
}

function versionOfPath(model: string, folder: string, versionOf: PluginContext["version"]): string {
  const path = resolve(folder, model);
  if (model.endsWith(".json")) return versionOfModel(path, model);
  try {
    return versionOf(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error; // it says itself what is wrong with the module
    throw new RangeError(`The model "${model}" cannot be read (${code}); its path is relative to the spec.`, {
      cause: error,
    });
  }
}
