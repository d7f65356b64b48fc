import type { Buffer, Example, Learner, Network } from "@everlearn/contracts";
import { reservoir } from "@everlearn/buffer-reservoir";
import { ring } from "@everlearn/buffer-ring";
import { er } from "@everlearn/learner-er";
import { ewc } from "@everlearn/learner-ewc";
import { gem } from "@everlearn/learner-gem";
import { mer } from "@everlearn/learner-mer";
import { mlp } from "@everlearn/network-mlp";
import { tfjs } from "@everlearn/network-tfjs";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { available, modelAt } from "../plugins/network-tfjs/test/places.js";

const setting = { inputs: 784, shape: [28, 28, 1], outputs: 10, folder: undefined };

/** Digits as in MNIST: bytes, one in five of them not 0, each class around a prototype of its own; two tasks. */
const examples: Example[] = (() => {
  const draw = random(3, "digits");
  const prototypes = Array.from({ length: 10 }, () => Array.from({ length: 784 }, () => draw.uniform() < 0.2));
  return Array.from({ length: 200 }, (_, i) => {
    const y = draw.integer(10);
    const ink = (on: boolean) => ((draw.uniform() < 0.7 ? on : draw.uniform() < 0.2) ? 1 + draw.integer(255) : 0);
    return { x: Uint8Array.from(prototypes[y], ink), y, task: i < 100 ? 0 : 1 };
  });
})();

/** Learners about as in the MNIST suites. */
const learners: Readonly<Record<string, (network: Network) => Learner>> = {
  er: (network) => er({ alpha: 0.1, k: 11 }, { network, buffer: memory() }),
  mer: (network) => mer({ alpha: 0.1, beta: 0.03, gamma: 1, s: 1, k: 2 }, { network, buffer: memory() }),
  gem: (network) =>
    gem(
      { alpha: 0.01, margin: 0 },
      { network, buffer: ring({ capacity: 50, rings: 2 }, { random: random(2, "buffer") }) },
    ),
  ewc: (network) => ewc({ alpha: 0.01, lambda: 10 }, { network }),
};
const memory = (): Buffer => reservoir({ capacity: 200 }, { random: random(2, "buffer") });

/** θ after 200 examples. */
function trained(network: Network, learner: Learner): Float32Array {
  examples.forEach((example, i) => {
    learner.observe([example]);
    if (i === 99) learner.endTask?.();
  });
  return network.theta.toArray();
}

describe.each(available)("on %s", (backend) => {
  it.each(Object.keys(learners))("%s takes the same MLP to the same parameters, within 1e-4", async (name) => {
    const ours = mlp({ hidden: [100, 100] }, { ...setting, random: random(1) });
    const theirs = await tfjs({ model: modelAt("mnist-mlp.mjs"), backend }, { ...setting, random: random(1) });
    const before = ours.theta.toArray();
    theirs.theta.fromArray(before);
    const [a, b] = [trained(ours, learners[name](ours)), trained(theirs, learners[name](theirs))];
    theirs.dispose();
    const moved = Math.max(...a.map((value, i) => Math.abs(value - before[i])));
    expect(moved).toBeGreaterThan(0.001); // they did learn
    const apart = Math.max(...a.map((value, i) => Math.abs(value - b[i])));
    if (process.env.EVERLEARN_SHOW_PARITY) console.log(`${backend} ${name}: ${apart} of ${moved}`);
    expect(apart).toBeLessThan(1e-4);
  });
});
