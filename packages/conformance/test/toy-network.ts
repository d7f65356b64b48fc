import { checkNetwork, referenceNetwork } from "@everlearn/conformance";
import type { DifferentiableNetwork, Plugin, Term, Vector } from "@everlearn/contracts";

export const options = {
  hidden: { type: "integer", minimum: 1, default: 12, description: "The hidden units." },
} as const;
export type Change = (network: DifferentiableNetwork, options: { hidden: number }) => Partial<DifferentiableNetwork>;

/** Tries the reference network, but for what is changed. */
export const checking = (change: Change) => () => {
  const plugin: Plugin<"network", typeof options> = {
    kind: "network",
    name: "toy",
    contract: 2,
    description: "A network to try the checks with.",
    options,
    create(given, parts) {
      const network = referenceNetwork(given, parts);
      return { ...network, ...change(network, given) };
    },
  };
  return checkNetwork(plugin);
};

/** The reference network, which takes terms otherwise. */
export const terms = (alter: (term: Term) => Term) =>
  checking(({ descend, gradient, losses }) => ({
    descend: (batch, ...rest) => descend(batch.map(alter), ...rest),
    gradient: (batch, into) => gradient(batch.map(alter), into),
    losses: (batch) => losses(batch.map(alter)),
  }));

/** What wrapped vectors wrap. */
const wrapped = new WeakMap<object, Vector>();
const bareVector = (v: Vector): Vector => wrapped.get(v) ?? v;

/** A vector with some methods altered; vectors that it is handed are unwrapped. */
function altered(vector: Vector, alter: (vector: Vector) => Partial<Vector>): Vector {
  const changes = alter(vector);
  const wrapper = new Proxy(vector, {
    get(target, name: keyof Vector) {
      const method = (changes[name] ?? target[name].bind(target)) as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => method(...values.map((value) => wrapped.get(value as object) ?? value));
    },
  });
  wrapped.set(wrapper, vector);
  return wrapper;
}

/** The reference network with another θ and other vectors. */
export const vectors = (alter: (vector: Vector) => Partial<Vector>) =>
  checking(({ theta, vector, step }) => ({
    theta: altered(theta, alter),
    vector: () => altered(vector(), alter),
    step: (gradient, rate) => step(bareVector(gradient), typeof rate === "number" ? rate : bareVector(rate)),
  }));

/** The reference network, whose gradients are altered once they are written. */
export const gradients = (alter: (into: Vector, batch: readonly Term[]) => void) =>
  checking(({ gradient }) => ({
    gradient(batch, into) {
      const loss = gradient(batch, into);
      alter(into, batch);
      return loss;
    },
  }));
