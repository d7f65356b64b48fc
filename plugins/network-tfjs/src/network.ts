import type { DifferentiableNetwork, State } from "@everlearn/contracts";
import * as tf from "@tensorflow/tfjs-core";
import { type Anatomy, valueOf } from "./anatomy.js";
import { createAnswers } from "./answers.js";
import { createBackward } from "./backward.js";
import { createEngine, type Setting } from "./engine.js";
import { createTraining } from "./training.js";

type Saved = { readonly theta: Float32Array; readonly statistics: readonly Float32Array[]; readonly random: State };

/** A model as a network. */
export function modelNetwork(anatomy: Anatomy, setting: Setting): DifferentiableNetwork {
  const engine = createEngine(anatomy, setting);
  const { theta, vectors, run } = engine;
  const { layers, statistics } = anatomy;
  const chance = setting.random.fork("training");
  return {
    theta,
    inputs: setting.inputs,
    outputs: setting.outputs,
    layers,
    vector: vectors.create,
    gram: vectors.gram,
    ...createTraining(engine, chance),
    ...createAnswers(engine),
    ...createBackward(engine),
    save: (): Saved => ({
      theta: theta.toArray(),
      statistics: run(() => statistics.map((weight) => valueOf(weight).dataSync<"float32">().slice())),
      random: chance.save(),
    }),
    load(state) {
      const saved = state as Saved;
      theta.fromArray(saved.theta);
      run(() =>
        statistics.forEach((weight, i) => {
          const variable = valueOf(weight);
          variable.assign(tf.tensor(saved.statistics[i].slice(), variable.shape));
        }),
      );
      chance.load(saved.random);
    },
    dispose: () => engine.dispose(),
  };
}
