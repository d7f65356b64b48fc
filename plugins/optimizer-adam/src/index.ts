import type { Network, OptionsFor, Plugin, State, Vector } from "@everlearn/contracts";

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

/** Adam, Algorithm 1 of Kingma & Ba 2015: the network given to it, whose `descend` and `step` are Adam's. */
export function adam(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: OptionsFor<typeof options>,
  { network }: { network: Network },
): Network {
  const { theta } = network;
  const g = network.vector();
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

  /** θ ← θ − rate · m̂ / (√v̂ + ε), both divided by √v̂'s bias correction so that v̂ and m̂ need no pass of their own. */
  function step(gradient: Vector, rate: number | Vector): void {
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
    if (typeof rate === "number") network.step(direction, rate * scale);
    else {
      direction.times(scale);
      network.step(direction, rate);
    }
  }

  return {
    theta,
    inputs: network.inputs,
    outputs: network.outputs,
    get loss() {
      return network.loss;
    },
    layers: network.layers,
    vector: () => network.vector(),
    descend(batch, rate, { clip = Infinity } = {}) {
      network.gradient(batch, g);
      const norm = clip < Infinity ? Math.sqrt(g.dot(g)) : 0;
      if (norm > clip) g.times(clip / norm);
      step(g, rate);
      return network.loss;
    },
    gradient: (batch, into) => network.gradient(batch, into),
    step,
    gram: (vectors) => network.gram(vectors),
    gradientGram: (batch) => network.gradientGram(batch),
    losses: (batch) => network.losses(batch),
    predict: (queries) => network.predict(queries),
    logits: (queries) => network.logits(queries),
    features: (queries) => network.features(queries),
    save: () => ({ network: network.save(), m: m.toArray(), v: v.toArray(), beta1Power, beta2Power }),
    load(state) {
      const saved = state as { network: State; m: Float32Array; v: Float32Array } & Record<`beta${1 | 2}Power`, number>;
      network.load(saved.network);
      m.fromArray(saved.m);
      v.fromArray(saved.v);
      ({ beta1Power, beta2Power } = saved);
    },
    dispose: () => network.dispose(),
  };
}

const plugin: Plugin<"optimizer", typeof options> = {
  kind: "optimizer",
  name: "adam",
  description: "Adam: steps scaled by running averages of the gradient and its square.",
  paper: "arXiv:1412.6980",
  options,
  create: adam,
};
export default plugin;
