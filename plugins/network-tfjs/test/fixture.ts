import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Example } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { afterAll } from "vitest";
import type { ModelFunction } from "../src/index.js";

/** Of the test that runs; it goes with it. */
export const folder = mkdtempSync(join(tmpdir(), "everlearn-tfjs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Milliseconds that a test may take that trains a deep network. */
export const SLOW = 300_000;

/** What a network is given: the sizes, a folder to look for models in, a generator. */
export const given = (shape: readonly number[], outputs: number, seed = 1) => ({
  inputs: shape.reduce((product, side) => product * side, 1),
  shape,
  outputs,
  folder,
  random: random(seed, "network"),
});

/** Images of bytes, a third of them 0, and labels. */
export function examples(count: number, shape: readonly number[], outputs: number, seed = 5): Example[] {
  const draw = random(seed, "examples");
  const length = shape.reduce((product, side) => product * side, 1);
  return Array.from({ length: count }, () => ({
    x: Uint8Array.from({ length }, () => Math.max(draw.integer(384) - 128, 0)),
    y: draw.integer(outputs),
  }));
}

export const linear: ModelFunction = ({ tf, shape, outputs }) =>
  tf.sequential({ layers: [tf.layers.dense({ units: outputs, inputShape: [...shape] })] });

/** Writes a linear model of 3 inputs and 2 outputs as tfjs's converter does. @returns its weights */
export async function savedModel(name: string): Promise<Float32Array> {
  const weights = Float32Array.of(1, 2, 3, 4, 5, 6, 0.5, -0.5);
  const layer = (kind: string, config: object) => ({ class_name: kind, config });
  const dense = layer("Dense", {
    name: "d",
    units: 2,
    activation: "linear",
    use_bias: true,
    batch_input_shape: [null, 3],
  });
  const specs = [
    { name: "d/kernel", shape: [3, 2], dtype: "float32" },
    { name: "d/bias", shape: [2], dtype: "float32" },
  ];
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "w.bin"), new Uint8Array(weights.buffer));
  const document = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { name: "s", layers: [dense] } },
    weightsManifest: [{ paths: ["w.bin"], weights: specs }],
  };
  writeFileSync(join(folder, name, "model.json"), JSON.stringify(document));
  return weights;
}
