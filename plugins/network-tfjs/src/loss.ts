import { DivergedError, type Query, type Target, type Term } from "@everlearn/contracts";
import { exp, log } from "@everlearn/softmax";

/** What a batch's logits cost, and how they are to change. */
export interface Judgement {
  /** The mean over the terms of weight · loss, in nats. */
  readonly loss: number;
  /** Its derivatives by the logits, times a scale: a row of `outputs` numbers for each term. */
  readonly delta: Float32Array;
}

/** @throws RangeError for a target that does not fit */
export function checkTerm(term: Term, outputs: number): void {
  if ("y" in term) {
    const { y } = term;
    if (!(y >= 0 && y < outputs && Number.isInteger(y)))
      throw new RangeError(`The network has outputs 0 to ${outputs - 1}; an example's y is ${y}.`);
    if (term.outputs !== undefined && !term.outputs.includes(y))
      throw new RangeError(`An example's y is ${y}, which is not among its outputs ${term.outputs.join(", ")}.`);
  } else {
    const { length } = valuesOf(term);
    if (length !== outputs)
      throw new RangeError(`A target has a value for each of the ${outputs} outputs, not ${length}.`);
  }
  checkOutputs(term, outputs);
}

/** @throws RangeError for an output that is not there */
export function checkOutputs({ outputs: chosen }: Query, outputs: number): void {
  const wrong = chosen?.find((output) => !(output >= 0 && output < outputs && Number.isInteger(output)));
  if (wrong !== undefined) throw new RangeError(`The network has outputs 0 to ${outputs - 1}, not ${wrong}.`);
}

function valuesOf(target: Exclude<Target, { readonly y: number }>): Float32Array {
  if ("probabilities" in target) return target.probabilities;
  return "logits" in target ? target.logits : target.sigmoids;
}

/**
 * Judges the logits of a batch, a row for each term: in doubles, on the host, since they are few.
 * @param scale what the derivatives are multiplied by, such as a learning rate
 * @throws DivergedError where a term's loss is not finite
 */
export function judge(batch: readonly Term[], logits: Float32Array, outputs: number, scale = 1): Judgement {
  const delta = new Float32Array(batch.length * outputs);
  let sum = 0;
  batch.forEach((term, i) => {
    const { weight = 1 } = term;
    const at = i * outputs;
    sum += weight * lossOf(term, logits, at, outputs, delta, (scale * weight) / batch.length);
  });
  return { loss: sum / batch.length, delta };
}

/** The loss of each term, its weight left out. @throws DivergedError */
export function lossesOf(batch: readonly Term[], logits: Float32Array, outputs: number): Float32Array {
  const unused = new Float32Array(batch.length * outputs);
  return Float32Array.from(batch, (term, i) => lossOf(term, logits, i * outputs, outputs, unused, 0));
}

/** The loss of a term whose logits begin `at`; writes `scale` times its derivatives by them there in `delta`. */
function lossOf(term: Term, z: Float32Array, at: number, outputs: number, delta: Float32Array, scale: number): number {
  const taken = term.outputs ?? Array.from({ length: outputs }, (_, o) => o);
  let loss = 0;
  if ("logits" in term) {
    for (const o of taken) {
      const difference = z[at + o] - term.logits[o];
      loss += (difference * difference) / taken.length;
      delta[at + o] = (scale * 2 * difference) / taken.length;
    }
  } else if ("sigmoids" in term) {
    for (const o of taken) {
      const small = exp(-Math.abs(z[at + o]));
      loss += Math.max(z[at + o], 0) + log(1 + small) - term.sigmoids[o] * z[at + o];
      delta[at + o] = scale * ((z[at + o] < 0 ? small : 1) / (1 + small) - term.sigmoids[o]);
    }
  } else {
    const target = (o: number) => ("y" in term ? Number(o === term.y) : term.probabilities[o]);
    const temperature = "y" in term ? 1 : (term.temperature ?? 1);
    let highest = -Infinity;
    for (const o of taken) highest = Math.max(highest, z[at + o]);
    let [sum, total] = [0, 0];
    for (const o of taken) {
      sum += exp((z[at + o] - highest) / temperature);
      total += target(o);
    }
    const logSum = log(sum);
    for (const o of taken) {
      const below = (z[at + o] - highest) / temperature;
      loss += target(o) * (logSum - below);
      delta[at + o] = (scale * ((total * exp(below)) / sum - target(o))) / temperature;
    }
  }
  if (!Number.isFinite(loss)) throw new DivergedError(loss);
  return loss;
}
