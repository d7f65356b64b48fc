import type { Given, Network, Plugin } from "@everlearn/contracts";
import { dissect } from "./anatomy.js";
import { fastest, loadBackend, useBackend } from "./backend.js";
import { examine } from "./examine.js";
import { loadModel, type ModelFunction } from "./model.js";
import { createNetwork } from "./network.js";
import { options, type TfjsOptions } from "./options.js";
import { settle } from "./settle.js";

/**
 * A TensorFlow.js model as a network: θ is all of its trainable weights, layer by layer.
 * @param model its name or path, or the function that makes it
 * @throws RangeError where the backend or the model cannot be had, or the model does not fit
 */
export async function tfjs(
  {
    model,
    backend = "auto",
    version = "",
  }: Partial<Omit<TfjsOptions, "model">> & { readonly model: string | ModelFunction },
  given: Given["network"],
): Promise<Network> {
  const folders = [given.folder ?? "."];
  const chosen = await (backend === "auto" ? fastest(folders) : loadBackend(backend, folders));
  useBackend(chosen.backend);
  const anatomy = dissect(await loadModel(model, version, given), given);
  return createNetwork(anatomy, { ...given, backend: chosen.backend });
}

const plugin: Plugin<"network", typeof options> = {
  kind: "network",
  name: "tfjs",
  description: "Any TensorFlow.js layers model, on plain JavaScript, WebAssembly, libtensorflow or CUDA.",
  options,
  settle,
  examine,
  create: tfjs,
};
export default plugin;
export type { ModelFunction, ModelSetting, TensorFlow } from "./model.js";
