import type { Random } from "@everlearn/contracts";
import { log } from "@everlearn/softmax";
import { sizeOf } from "./parameters.js";
import type { Plan } from "./plan.js";

/** A number from the normal distribution, by Marsaglia's polar method, with the same bits everywhere. */
function normal(random: Random): number {
  for (;;) {
    const [u, v] = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((2 * log(1 / s)) / s);
  }
}

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
