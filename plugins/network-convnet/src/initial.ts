import type { Random } from "@everlearn/contracts";
import { normal } from "@everlearn/softmax";
import { sizeOf } from "./parameters.js";
import type { Plan } from "./plan.js";

/** How a network begins, in θ's canonical order. */
export function initialTheta({ layers }: Plan, initialisation: "pytorch" | "he", random: Random): Float32Array {
  const drawn = {
    pytorch: (fanIn: number) => (2 * random.uniform() - 1) * Math.sqrt(1 / fanIn),
    he: (fanIn: number, bias: boolean) => (bias ? 0 : normal(random) * Math.sqrt(2 / fanIn)),
  }[initialisation];
  const parameters = layers.flat();
  const values = new Float32Array(parameters.reduce((sum, parameter) => sum + sizeOf(parameter), 0));
  let at = 0;
  for (const parameter of parameters) {
    const { initial } = parameter;
    for (const end = at + sizeOf(parameter); at < end; at++)
      values[at] = typeof initial === "number" ? initial : drawn(initial.fanIn, initial.bias);
  }
  return values;
}
