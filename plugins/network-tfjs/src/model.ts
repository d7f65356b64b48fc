import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import type { Dependencies } from "@everlearn/contracts";
import * as core from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { chainOperations } from "./chained.js";
import { drawingFrom } from "./chance.js";
import { readModel } from "./file.js";
import type { ModelFunction, TensorFlow } from "./model-function.js";
import { presets } from "./presets.js";

const tf: TensorFlow = { ...core, ...layers };

/** Whether a model's name is a path. */
export const isPath = (name: string): boolean => /^\.{0,2}\//.test(name);

/**
 * The model of a function or a name: a preset's, or a path to a module whose default export is a `ModelFunction`, or to a model.json.
 * @param version what the module is known by, so that one that changed is loaded again
 * @throws RangeError where there is none
 */
export async function loadModel(
  given: string | ModelFunction,
  version: string,
  { shape, outputs, folder, random }: Dependencies<"network">,
): Promise<layers.LayersModel> {
  const name = typeof given === "string" ? given : given.name;
  const from = folder ?? ".";
  let make = given;
  if (typeof make === "string") {
    if (isPath(name) && name.endsWith(".json")) return readModel(resolve(from, name), name);
    make = isPath(name) ? await importFunction(name, version, from) : presetOf(name);
  }
  const model = make;
  chainOperations();
  return drawingFrom(random, () => built(model({ tf, shape, outputs }), name, shape));
}

function presetOf(name: string): ModelFunction {
  const preset = presets[name as keyof typeof presets] as ModelFunction | undefined;
  if (preset === undefined)
    throw new RangeError(
      `There is no model "${name}"; there are ${Object.keys(presets).join(", ")}, and paths such as "./model.mjs" or "./model/model.json".`,
    );
  return preset;
}

async function importFunction(name: string, version: string, folder: string): Promise<ModelFunction> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(`${pathToFileURL(resolve(folder, name)).href}?${version}`)) as typeof module;
  } catch (error) {
    throw new RangeError(`The model "${name}" cannot be loaded: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  }
  if (typeof module.default !== "function")
    throw new RangeError(
      `The model "${name}" has no function as its default export; write export default ({ tf, shape, outputs }) => tf.sequential(…).`,
    );
  return module.default as ModelFunction;
}

/** A model whose weights are there. */
function built(model: unknown, name: string, shape: readonly number[]): layers.LayersModel {
  if (model instanceof Promise)
    throw new RangeError(`The model "${name}" is promised; its function must answer the model itself.`);
  const found = model as Partial<layers.LayersModel> | null | undefined;
  if (typeof found?.apply !== "function" || typeof found.getClassName !== "function")
    throw new RangeError(`The function of the model "${name}" answers no tf.LayersModel.`);
  if (!found.built) (model as layers.LayersModel).build([null, ...shape]);
  return model as layers.LayersModel;
}
