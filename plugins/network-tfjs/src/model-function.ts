import type * as core from "@tensorflow/tfjs-core";
import type * as layers from "@tensorflow/tfjs-layers";

/** TensorFlow.js as a model's function is handed it: its core and its layers, as in the package `@tensorflow/tfjs`. */
export type TensorFlow = Omit<typeof core, "default"> & Omit<typeof layers, "default">;

/** What a model is made for. */
export interface ModelSetting {
  readonly tf: TensorFlow;
  /** The shape of an input, such as [32, 32, 3]. */
  readonly shape: readonly number[];
  /** The number of outputs: the model answers so many logits. */
  readonly outputs: number;
}

/** Makes a model. Initializers without a seed draw from the run's generator. */
export type ModelFunction = (setting: ModelSetting) => layers.LayersModel;
