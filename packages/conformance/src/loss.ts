import type { Example, Network, Query } from "@everlearn/contracts";
import { random } from "@everlearn/random";

/** The output units among which a query's answer is sought. */
export const units = (query: Query, outputs: number): readonly number[] =>
  query.outputs ?? Array.from({ length: outputs }, (_, o) => o);

/** The mean cross-entropy of a batch in nats, from the network's logits and in double precision. */
export function meanLoss(network: Network, batch: readonly Example[]): number {
  const logits = network.logits(batch);
  let sum = 0;
  batch.forEach((example, i) => {
    const chosen = units(example, network.outputs).map((o) => logits[i * network.outputs + o]);
    const top = Math.max(...chosen);
    const logSum = Math.log(chosen.reduce((total, z) => total + Math.exp(z - top), 0));
    sum += top + logSum - logits[i * network.outputs + example.y];
  });
  return sum / batch.length;
}

/** Examples with float inputs in [−1, 1), a third of them 0, and any labels; every other one has a list of outputs. */
export function someExamples(count: number, network: Network, masked: "some" | "none" = "none"): Example[] {
  const draw = random(12, `examples ${masked}`);
  return Array.from({ length: count }, (_, n) => {
    const x = Float32Array.from({ length: network.inputs }, () => (draw.integer(3) === 0 ? 0 : 2 * draw.uniform() - 1));
    const half = Math.ceil(network.outputs / 2);
    const outputs = [...draw.permutation(network.outputs, half)].sort((a, b) => a - b);
    if (masked === "none" || n % 2 === 1) return { x, y: draw.integer(network.outputs) };
    return { x, y: outputs[draw.integer(half)], outputs };
  });
}

/**
 * Where the gradient that a network answers departs from finite differences of its loss, at up to 120 of its
 * parameters, half of them those with the largest gradient. It may be anything between the slopes before and after
 * the parameter, which are far apart only at a kink (a hidden unit that turns off within the step).
 */
export function departure(network: Network, batch: readonly Example[]): string | undefined {
  const step = 1 / 256;
  const theta = network.theta.toArray();
  const gradient = network.gradient(batch).toArray();
  if (gradient.length !== theta.length) return `the gradient has ${gradient.length} values where θ has ${theta.length}`;
  const largest = Array.from(gradient.keys()).sort((a, b) => Math.abs(gradient[b]) - Math.abs(gradient[a]));
  const drawn = random(13, "parameters").permutation(theta.length, Math.min(60, theta.length));
  const here = meanLoss(network, batch);
  let found: string | undefined;
  for (const i of new Set([...largest.slice(0, 60), ...drawn])) {
    const lossAt = (value: number): number => {
      const moved = theta.slice();
      moved[i] = value;
      network.theta.fromArray(moved);
      return meanLoss(network, batch);
    };
    const [up, down] = [Math.fround(theta[i] + step), Math.fround(theta[i] - step)];
    const [above, below] = [lossAt(up), lossAt(down)];
    const slopes = [(above - here) / (up - theta[i]), (here - below) / (theta[i] - down)];
    const tolerance = 0.001 + 0.01 * Math.abs(gradient[i]);
    if (!(gradient[i] >= Math.min(...slopes) - tolerance && gradient[i] <= Math.max(...slopes) + tolerance)) {
      found = `at parameter ${i} the gradient is ${gradient[i].toPrecision(4)} where the loss rises by ${slopes[0].toPrecision(4)}`;
      break;
    }
  }
  network.theta.fromArray(theta);
  return found;
}
