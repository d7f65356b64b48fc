import { sizeOf } from "./parameters.js";
import type { Plan } from "./plan.js";

/** In θ's canonical order, 1 for each parameter that gradients train; 0 for running statistics and in frozen layers. */
export function trainedParameters({ layers, steps }: Plan): Float32Array {
  const trained = new Set(
    steps.flatMap((step) => {
      if (step.step === "convolution") return step.learns ? [step.weights, step.bias] : [];
      return step.step === "norm" && step.learns ? [step.gamma, step.beta] : [];
    }),
  );
  const parameters = layers.flat();
  const values = new Float32Array(parameters.reduce((sum, parameter) => sum + sizeOf(parameter), 0));
  let at = 0;
  for (const parameter of parameters) {
    const end = at + sizeOf(parameter);
    values.fill(Number(trained.has(parameter)), at, end);
    at = end;
  }
  return values;
}
