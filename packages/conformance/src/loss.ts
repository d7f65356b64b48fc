import type { Network, Query, Term } from "@everlearn/contracts";
import { random } from "@everlearn/random";

/** The output units among which a query's answer is sought. */
export const units = (query: Query, outputs: number): readonly number[] =>
  query.outputs ?? Array.from({ length: outputs }, (_, o) => o);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** log(Σ exp) */
function logSum(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(sum(values.map((value) => Math.exp(value - top))));
}

/** The loss of a term whose logits are z, in nats and without its weight. */
function lossOf(term: Term, z: ArrayLike<number>): number {
  const chosen = units(term, z.length);
  if ("y" in term) return logSum(chosen.map((o) => z[o])) - z[term.y];
  if ("probabilities" in term) {
    const { probabilities, temperature = 1 } = term;
    const log = logSum(chosen.map((o) => z[o] / temperature));
    return sum(chosen.map((o) => probabilities[o] * (log - z[o] / temperature)));
  }
  if ("logits" in term) return sum(chosen.map((o) => (z[o] - term.logits[o]) ** 2)) / chosen.length;
  // −log σ(z) = log(1 + exp(−z)) and −log(1 − σ(z)) = log(1 + exp(z))
  return sum(chosen.map((o) => term.sigmoids[o] * logSum([0, -z[o]]) + (1 - term.sigmoids[o]) * logSum([0, z[o]])));
}

/** The loss of each term without its weight, from the network's logits and in double precision. */
export function lossesOf(network: Network, batch: readonly Term[]): number[] {
  const { outputs } = network;
  const logits = network.logits(batch);
  return batch.map((term, i) => lossOf(term, logits.subarray(i * outputs, (i + 1) * outputs)));
}

/** The mean of weight · loss over a batch. */
export const meanLoss = (network: Network, batch: readonly Term[]): number =>
  sum(lossesOf(network, batch).map((loss, i) => (batch[i].weight ?? 1) * loss)) / batch.length;

/** How far a parameter is moved: the first says most, the others see fewer kinks and more rounding. */
const steps = [1 / 256, 1 / 1024, 1 / 4096];

/**
 * Where the gradient that a network answers departs from finite differences of its loss, at up to 120 of its
 * parameters, half of them those with the largest gradient. It may be anything between the slopes before and after
 * the parameter, which are far apart only at a kink (a hidden unit that turns off within the step); of a deep network there
 * may be kinks on both sides, which a finer step leaves out.
 */
export function departure(network: Network, batch: readonly Term[]): string | undefined {
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
    const slopesWithin = (step: number): [number, number] => {
      const [up, down] = [Math.fround(theta[i] + step), Math.fround(theta[i] - step)];
      return [(lossAt(up) - here) / (up - theta[i]), (here - lossAt(down)) / (theta[i] - down)];
    };
    const tolerance = 0.001 + 0.01 * Math.abs(gradient[i]);
    const between = (slopes: [number, number]) =>
      gradient[i] >= Math.min(...slopes) - tolerance && gradient[i] <= Math.max(...slopes) + tolerance;
    if (!steps.some((step) => between(slopesWithin(step)))) {
      const [slope] = slopesWithin(steps[0]);
      found = `at parameter ${i} the gradient is ${gradient[i].toPrecision(4)} where the loss rises by ${slope.toPrecision(4)}`;
      break;
    }
  }
  network.theta.fromArray(theta);
  return found;
}
