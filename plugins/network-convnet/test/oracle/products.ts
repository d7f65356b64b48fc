// The products of one pixel's inputs, one pixel's outputs and the weights between them: [in][out], where the inputs are
// counted within an output's group. Sums go on from what they are.
import type { Kernel } from "./plan.js";

const f = Math.fround;

type Channels = Pick<Kernel, "filters" | "inputs" | "groups">;

/** outputs ← outputs + Σ input · weight, over the inputs in turn */
export function addOutputs(outputs: Float32Array, values: Float32Array, weights: Float32Array, of: Channels): void {
  const { filters, inputs, groups } = of;
  const own = filters / groups;
  for (let group = 0; group < groups; group++)
    for (let i = 0; i < inputs; i++) {
      const value = values[group * inputs + i];
      for (let o = group * own; o < (group + 1) * own; o++)
        outputs[o] = f(outputs[o] + f(value * weights[i * filters + o]));
    }
}

/** The derivatives by inputs ← themselves + Σ δ · weight, over the outputs in turn */
export function addInputs(derivatives: Float32Array, deltas: Float32Array, weights: Float32Array, of: Channels): void {
  const { filters, inputs, groups } = of;
  const own = filters / groups;
  for (let group = 0; group < groups; group++)
    for (let i = 0; i < inputs; i++) {
      let sum = derivatives[group * inputs + i];
      for (let o = group * own; o < (group + 1) * own; o++) sum = f(sum + f(deltas[o] * weights[i * filters + o]));
      derivatives[group * inputs + i] = sum;
    }
}

/** The derivatives by weights ← themselves + input · δ */
export function addWeights(derivatives: Float32Array, values: Float32Array, deltas: Float32Array, of: Channels): void {
  const { filters, inputs, groups } = of;
  const own = filters / groups;
  for (let group = 0; group < groups; group++)
    for (let i = 0; i < inputs; i++) {
      const value = values[group * inputs + i];
      for (let o = group * own; o < (group + 1) * own; o++) {
        const w = i * filters + o;
        derivatives[w] = f(derivatives[w] + f(value * deltas[o]));
      }
    }
}

/** sums ← sums + values, from a place on */
export function addTo(sums: Float32Array, at: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sums[at + i] = f(sums[at + i] + values[i]);
}
