import type { Query, Term } from "@everlearn/contracts";
import { exp, log } from "@everlearn/softmax";

/** A term's logits, and the array for their derivatives. */
interface Row {
  readonly z: ArrayLike<number>;
  readonly delta: Float64Array | Float32Array | undefined;
  /** The output units that take part. */
  readonly units: readonly number[];
}

/**
 * The loss of one term in nats, its weight left out. It is the same on every machine.
 * @param logits a number for each output
 * @param delta where it is given, it is filled with ∂loss/∂logits; those of outputs that take no part are 0
 * @throws RangeError for a target that does not fit the outputs
 */
export function termLoss(term: Term, logits: ArrayLike<number>, delta?: Float64Array | Float32Array): number {
  const row: Row = { z: logits, delta, units: unitsOf(term, logits.length) };
  delta?.fill(0);
  if ("y" in term) {
    if (!row.units.includes(term.y))
      throw new RangeError(`An example's y is ${term.y}, which is not among the outputs ${row.units.join(", ")}.`);
    return crossEntropy(row, (o) => (o === term.y ? 1 : 0), 1);
  }
  if ("probabilities" in term) {
    const p = sized(term.probabilities, logits.length);
    return crossEntropy(row, (o) => p[o], term.temperature ?? 1);
  }
  if ("logits" in term) return squaredDifference(row, sized(term.logits, logits.length));
  return binaryCrossEntropy(row, sized(term.sigmoids, logits.length));
}

/** The list of all output units, by the number of units. */
const everyUnit: (readonly number[])[] = [];

/** The output units that take part: the query's `outputs`, or all. @throws RangeError for one that is not there */
export function unitsOf(query: Query, outputs: number): readonly number[] {
  if (query.outputs === undefined) return (everyUnit[outputs] ??= Array.from({ length: outputs }, (_, o) => o));
  for (const o of query.outputs)
    if (!(o >= 0 && o < outputs && Number.isInteger(o)))
      throw new RangeError(`The network has outputs 0 to ${outputs - 1}, not ${o}.`);
  return query.outputs;
}

function sized(target: Float32Array, outputs: number): Float32Array {
  if (target.length === outputs) return target;
  throw new RangeError(`A target has a value for each of the ${outputs} outputs, not ${target.length}.`);
}

/** −Σ p log softmax(z / temperature) */
function crossEntropy({ z, delta, units }: Row, p: (o: number) => number, temperature: number): number {
  let highest = -Infinity;
  for (const o of units) highest = Math.max(highest, z[o]);
  const scaled = (o: number) => (z[o] - highest) / temperature;
  let [sum, mass] = [0, 0];
  for (const o of units) {
    sum += exp(scaled(o));
    mass += p(o);
  }
  const logSum = log(sum);
  let loss = 0;
  for (const o of units) {
    loss += p(o) * (logSum - scaled(o));
    if (delta) delta[o] = ((mass * exp(scaled(o))) / sum - p(o)) / temperature;
  }
  return loss;
}

/** mean (z − logits)² */
function squaredDifference({ z, delta, units }: Row, logits: Float32Array): number {
  let loss = 0;
  for (const o of units) {
    const difference = z[o] - logits[o];
    loss += (difference * difference) / units.length;
    if (delta) delta[o] = (2 * difference) / units.length;
  }
  return loss;
}

/** −Σ p log σ(z) + (1 − p) log(1 − σ(z)), without overflow where z is large. */
function binaryCrossEntropy({ z, delta, units }: Row, p: Float32Array): number {
  let loss = 0;
  for (const o of units) {
    const small = exp(-Math.abs(z[o]));
    loss += Math.max(z[o], 0) + log(1 + small) - p[o] * z[o];
    if (delta) delta[o] = (z[o] < 0 ? small : 1) / (1 + small) - p[o];
  }
  return loss;
}
