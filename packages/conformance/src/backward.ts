import type { DifferentiableNetwork, Example, Network, Query } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { Check, Finding } from "./check.js";
import { copy, difference } from "./difference.js";
import { departs, departsByTheta, units } from "./loss.js";
import { off } from "./near.js";
import { gradientOf, type NetworkTrial } from "./network-trial.js";
import { someExamples } from "./terms.js";

/** Examples of which some have a list of outputs. */
const examplesFor = (network: Network): Example[] => someExamples(4, network, "some");

/** Numbers in [−1, 1). */
function coefficients(length: number, name: string): Float32Array {
  const draw = random(21, name);
  return Float32Array.from({ length }, () => 2 * draw.uniform() - 1);
}

/** Σ c · values */
const weighed = (c: Float32Array, values: Float32Array): number =>
  c.reduce((sum, each, i) => sum + each * values[i], 0);

/** The derivatives of the mean cross-entropy by the logits: (softmax(z) − one-hot(y)) / n. */
function crossEntropySlopes(network: Network, batch: readonly Example[]): Float32Array {
  const { outputs } = network;
  const logits = network.logits(batch);
  const slopes = new Float32Array(logits.length);
  batch.forEach((example, n) => {
    const chosen = units(example, outputs);
    const top = Math.max(...chosen.map((o) => logits[n * outputs + o]));
    const power = (o: number) => Math.exp(logits[n * outputs + o] - top);
    const sum = chosen.reduce((total, o) => total + power(o), 0);
    for (const o of chosen) slopes[n * outputs + o] = (power(o) / sum - (o === example.y ? 1 : 0)) / batch.length;
  });
  return slopes;
}

/** What `backward` writes over a vector. */
function back(
  network: DifferentiableNetwork,
  batch: readonly Query[],
  logits: Float32Array | null,
  features: Float32Array | null,
  inputs?: Float32Array,
): Float32Array {
  const into = network.vector();
  into.map(() => 5);
  network.backward(batch, logits, features, into, inputs);
  return into.toArray();
}

const isDifferentiable = (network: Network): network is DifferentiableNetwork => network.backward !== undefined;

/** A check of networks that have `backward`; others pass it. */
function check(name: string, must: string, run: (network: DifferentiableNetwork) => Finding): Check<NetworkTrial> {
  return {
    name,
    must: `${must} (tried where it brings backward)`,
    async run({ make }) {
      const network = await make();
      return isDifferentiable(network) ? run(network) : undefined;
    },
  };
}

/** What the `backward` of a network that brings one must do. */
export const backwardChecks: readonly Check<NetworkTrial>[] = [
  check("backward", "propagate the slopes of a cross-entropy by its logits back to its gradient", (network) => {
    const batch = examplesFor(network);
    const gradient = back(network, batch, crossEntropySlopes(network, batch), null);
    return off(gradient, gradientOf(network, batch), 1e-5, "the gradient");
  }),
  check(
    "backward through features",
    "propagate slopes by features, alone and beside slopes by logits (judged by finite differences)",
    (network) => {
      const batch = examplesFor(network);
      const ofFeatures = coefficients(network.features(batch).length, "features");
      const ofLogits = coefficients(batch.length * network.outputs, "logits");
      const features = () => weighed(ofFeatures, network.features(batch));
      const alone = departsByTheta(network, back(network, batch, null, ofFeatures), features);
      if (alone) return `of features alone, ${alone}`;
      const both = departsByTheta(
        network,
        back(network, batch, ofLogits, ofFeatures),
        () => features() + weighed(ofLogits, network.logits(batch)),
      );
      return both && `of logits and features, ${both}`;
    },
  ),
  check(
    "backward to inputs",
    "fill in the slopes by inputs (judged by finite differences), those of bytes by byte/255",
    (network) => {
      const { inputs, outputs } = network;
      const batch = examplesFor(network);
      const c = coefficients(batch.length * outputs, "logits");
      const slopes = new Float32Array(batch.length * inputs).fill(5);
      back(network, batch, c, null, slopes);
      const at = Float32Array.from(batch.flatMap(({ x }) => [...x]));
      const loss = (moved: Float32Array) =>
        weighed(c, network.logits(batch.map((_, n) => ({ x: moved.subarray(n * inputs, (n + 1) * inputs) }))));
      const found = departs(slopes, at, loss, "input");
      if (found) return found;
      const draw = random(22, "bytes");
      const x = Uint8Array.from({ length: inputs }, () => draw.integer(256));
      const [bytes, floats] = [x, Float32Array.from(x, (byte) => byte / 255)].map((input) => {
        const own = new Float32Array(inputs);
        back(network, [{ x: input }], c.subarray(0, outputs), null, own);
        return own;
      });
      return off(bytes, floats, 1e-5, "of bytes, the slope by input");
    },
  ),
  check("backward alone", "leave θ, queries and slopes as they are while it propagates", (network) => {
    const batch = examplesFor(network);
    const logits = coefficients(batch.length * network.outputs, "logits");
    const features = coefficients(network.features(batch).length, "features");
    const seen = () => ({ θ: network.theta.toArray(), batch, logits, features });
    const before = copy(seen());
    back(network, batch, logits, features, new Float32Array(batch.length * network.inputs));
    return difference(seen(), before);
  }),
];
