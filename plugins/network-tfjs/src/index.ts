import {
  type Dependencies,
  type DifferentiableNetwork,
  type OptionsFor,
  type Plugin,
  withDefaults,
} from "@everlearn/contracts";
import { dissect } from "./anatomy.js";
import { fastest, loadBackend, useBackend } from "./backend.js";
import { diagnose } from "./diagnose.js";
import type { ModelFunction } from "./model-function.js";
import { loadModel } from "./model.js";
import { modelNetwork } from "./network.js";
import { options } from "./options.js";
import { resolveOptions } from "./resolve.js";

/**
 * A TensorFlow.js model as a network: θ is all of its trainable weights, layer by layer.
 * @param model its name or path, or the function that makes it
 * @throws RangeError where the backend or the model cannot be had, or the model does not fit
 */
export async function tfjs(
  { model, ...others }: Omit<OptionsFor<typeof options>, "model"> & { readonly model: string | ModelFunction },
  given: Dependencies<"network">,
): Promise<DifferentiableNetwork> {
  const { backend, version } = withDefaults(options, { model: "", ...others });
  const folders = [given.folder ?? "."];
  const chosen = await (backend === "auto" ? fastest(folders) : loadBackend(backend, folders));
  useBackend(chosen.backend);
  const anatomy = dissect(await loadModel(model, version, given), given);
  return modelNetwork(anatomy, { ...given, backend: chosen.backend });
}

const plugin: Plugin<"network", typeof options> = {
  kind: "network",
  name: "tfjs",
  contract: 2,
  description: "Any TensorFlow.js layers model, on plain JavaScript, WebAssembly, libtensorflow or CUDA.",
  options,
  resolveOptions,
  diagnose,
  create: tfjs,
};
export default plugin;
export type { ModelFunction, ModelSetting, TensorFlow } from "./model-function.js";
