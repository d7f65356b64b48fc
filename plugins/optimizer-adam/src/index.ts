import { type Optimizer, type OptionsFor, type Plugin, type Vector, withDefaults } from "@everlearn/contracts";

const options = {
  beta1: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0.9,
    description: "The decay rate β₁ of the gradient's running average m.",
  },
  beta2: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0.999,
    description: "The decay rate β₂ of the squared gradient's running average v.",
  },
  epsilon: {
    type: "number",
    exclusiveMinimum: 0,
    default: 1e-8,
    description: "The number ε that is added to √v̂, against division by zero.",
  },
} as const;

/** What Adam remembers; the powers are β₁ᵗ and β₂ᵗ. */
type Saved = {
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly beta1Power: number;
  readonly beta2Power: number;
};

/** Adam, Algorithm 1 of Kingma & Ba 2015. */
export function adam(given: OptionsFor<typeof options>, network: { vector(): Vector }): Optimizer {
  const { beta1, beta2, epsilon } = withDefaults(options, given);
  const m = network.vector();
  const v = network.vector();
  const size = network.vector();
  const direction = network.vector();
  const ones = network.vector();
  ones.map(() => 1);
  const floor = network.vector();
  floor.map(() => 1e-30);
  let beta1Power = 1; // β₁^t
  let beta2Power = 1;
  return {
    /** θ ← θ − rate · m̂ / (√v̂ + ε), both divided by √v̂'s bias correction so that v̂ and m̂ need no pass of their own. */
    update(theta, gradient, rate) {
      beta1Power *= beta1;
      beta2Power *= beta2;
      m.lerp(floor, beta1); // towards 1e-30 instead of 0: arithmetic on denormal numbers is many times slower
      m.add(gradient, 1 - beta1);
      v.lerp(floor, beta2);
      v.addProduct(gradient, gradient, 1 - beta2);
      const correction = Math.sqrt(1 - beta2Power);
      size.set(v);
      size.sqrt();
      size.add(ones, epsilon * correction);
      direction.set(m);
      direction.divide(size);
      const scale = correction / (1 - beta1Power);
      if (typeof rate === "number") theta.add(direction, -rate * scale);
      else {
        direction.times(scale);
        theta.addProduct(rate, direction, -1);
      }
    },
    save: (): Saved => ({ m: m.toArray(), v: v.toArray(), beta1Power, beta2Power }),
    load(state) {
      const saved = state as Saved;
      m.fromArray(saved.m);
      v.fromArray(saved.v);
      ({ beta1Power, beta2Power } = saved);
    },
  };
}

const plugin: Plugin<"optimizer", typeof options> = {
  kind: "optimizer",
  name: "adam",
  contract: 2,
  description: "Adam: steps scaled by running averages of the gradient and its square.",
  paper: "arXiv:1412.6980",
  options,
  create: adam,
};
export default plugin;
