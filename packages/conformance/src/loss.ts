import type { Network, Query, Term } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { Finding } from "./check.js";
import { gradientOf } from "./network-trial.js";

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

/** How far a number is moved: the first step says most, the others meet fewer kinks and more rounding. */
const steps = [1 / 256, 1 / 1024, 1 / 4096];

/**
 * Where a gradient departs from finite differences of f, at up to 120 of its numbers, half of them the largest. It may be
 * anything between the slopes before and after a number, which are far apart only at a kink (a hidden unit that turns off
 * within the step); a deep network may have kinks on both sides, which a finer step leaves out.
 */
export function departs(
  gradient: Float32Array,
  at: Float32Array,
  f: (moved: Float32Array) => number,
  what: string,
): Finding {
  if (gradient.length !== at.length) return `the gradient has ${gradient.length} values where there are ${at.length}`;
  const largest = Array.from(gradient.keys()).sort((a, b) => Math.abs(gradient[b]) - Math.abs(gradient[a]));
  const drawn = random(13, "parameters").permutation(at.length, Math.min(60, at.length));
  const here = f(at);
  for (const i of new Set([...largest.slice(0, 60), ...drawn])) {
    const slopesWithin = (step: number): [number, number] => {
      const [up, down] = [Math.fround(at[i] + step), Math.fround(at[i] - step)];
      return [(f(at.with(i, up)) - here) / (up - at[i]), (here - f(at.with(i, down))) / (at[i] - down)];
    };
    const tolerance = 0.001 + 0.01 * Math.abs(gradient[i]);
    const between = (slopes: [number, number]) =>
      gradient[i] >= Math.min(...slopes) - tolerance && gradient[i] <= Math.max(...slopes) + tolerance;
    if (!steps.some((step) => between(slopesWithin(step)))) {
      const [slope] = slopesWithin(steps[0]);
      return `at ${what} ${i} the gradient is ${gradient[i].toPrecision(4)} where the loss rises by ${slope.toPrecision(4)}`;
    }
  }
  return undefined;
}

/** Where a gradient by a network's parameters departs from finite differences of a loss; θ is afterwards as before. */
export function departsByTheta(network: Network, gradient: Float32Array, loss: () => number): Finding {
  const theta = network.theta.toArray();
  const found = departs(
    gradient,
    theta,
    (moved) => {
      network.theta.fromArray(moved);
      return loss();
    },
    "parameter",
  );
  network.theta.fromArray(theta);
  return found;
}

/** Where a network's own gradient of a batch's loss departs from finite differences of it. */
export const departure = (network: Network, batch: readonly Term[]): Finding =>
  departsByTheta(network, gradientOf(network, batch), () => meanLoss(network, batch));
