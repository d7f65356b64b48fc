import type { Dataset } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import { makeLinks } from "./make.js";
import { chainOf, type PlannedPart } from "./planned-part.js";
import { identityOf } from "./spec-id.js";

// Kept for the life of the process: a suite's runs and seeds share what takes seconds and megabytes to load.
const datasets = new WeakMap<PlannedPart["plugin"], Map<string, Promise<Dataset>>>();

/** Loads a plan's data set, once in the life of a process. */
export function loadDataset(
  planned: PlannedPart<"dataset">,
  folder: string | undefined,
  where: string,
): Promise<Dataset> {
  const loaded = datasets.get(planned.plugin) ?? new Map<string, Promise<Dataset>>();
  datasets.set(planned.plugin, loaded);
  const key = digest([chainOf(planned).map((part) => [identityOf(part), part.options]), folder ?? null]);
  const dataset = loaded.get(key) ?? makeLinks(planned, { folder }, where).then(([dataset]) => dataset);
  loaded.set(key, dataset);
  dataset.catch(() => loaded.delete(key)); // a later attempt may find the file
  return dataset;
}
