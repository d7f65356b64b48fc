import { type Optimizer, type OptionsFor, type Plugin, type Vector, withDefaults } from "@everlearn/contracts";

const options = {
  momentum: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: "The share μ of the velocity that stays from step to step.",
  },
  nesterov: {
    type: "boolean",
    default: false,
    description: "Whether a step looks ahead along the velocity, as Nesterov's momentum does; it needs a momentum.",
  },
  weightDecay: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The weight λ of θ in the gradient: that of the penalty λ/2 · ‖θ‖².",
  },
} as const;

/**
 * SGD with momentum and weight decay as PyTorch's `torch.optim.SGD` defines them, without dampening: g ← g + λθ,
 * v ← μv + g, θ ← θ − rate · v; with Nesterov's momentum θ ← θ − rate · (g + μv). What gradients do not train, such as
 * running statistics, stays where it is.
 * @throws RangeError for Nesterov's momentum without momentum
 */
export function sgd(given: OptionsFor<typeof options>, network: { vector(): Vector; trained?(): Vector }): Optimizer {
  const { momentum: mu, nesterov, weightDecay: lambda } = withDefaults(options, given);
  if (nesterov && mu === 0)
    throw new RangeError("sgd: Nesterov's momentum needs a momentum; set one, such as 0.9, or leave nesterov out.");
  const trained = network.trained?.();
  const g = network.vector();
  const velocity = mu > 0 ? network.vector() : g;
  const floor = mu > 0 ? floorOf(network, trained) : g;

  function step(theta: Vector, direction: Vector, rate: number | Vector): void {
    if (typeof rate === "number") theta.add(direction, -rate);
    else theta.addProduct(rate, direction, -1);
  }

  return {
    update(theta, gradient, rate) {
      if (mu === 0 && lambda === 0) return step(theta, gradient, rate);
      g.set(gradient);
      if (lambda > 0 && trained) g.addProduct(trained, theta, lambda);
      else if (lambda > 0) g.add(theta, lambda);
      if (mu === 0) return step(theta, g, rate);
      velocity.lerp(floor, mu); // μv
      velocity.add(g);
      if (nesterov) g.add(velocity, mu);
      return step(theta, nesterov ? g : velocity, rate);
    },
    save: () => (mu > 0 ? velocity.toArray() : null),
    load(state) {
      if (mu > 0) velocity.fromArray(state as Float32Array);
    },
  };
}

/** What velocities decay to: 1e-30 instead of 0, as arithmetic on denormal numbers is many times slower. */
function floorOf(network: { vector(): Vector }, trained: Vector | undefined): Vector {
  const floor = network.vector();
  if (trained) floor.set(trained);
  else floor.map(() => 1);
  floor.times(1e-30);
  return floor;
}

const plugin: Plugin<"optimizer", typeof options> = {
  kind: "optimizer",
  name: "sgd",
  contract: 2,
  description: "Stochastic gradient descent with momentum, Nesterov's momentum and weight decay.",
  paper: "Sutskever, Martens, Dahl & Hinton 2013, On the importance of initialization and momentum in deep learning",
  options,
  create: sgd,
};
export default plugin;
