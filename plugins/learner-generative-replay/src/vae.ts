import {
  type CreateNetwork,
  type DifferentiableNetwork,
  DivergedError,
  type Input,
  type Network,
  type Query,
  type Random,
  type State,
  type Stateful,
} from "@everlearn/contracts";
import { exp, normal, sigmoid } from "@everlearn/softmax";

/** How likely an input's value is, given a logit of the decoder's: a coin's that shows σ(logit), or a normal variable's around it. */
export type Likelihood = "bernoulli" | "gaussian";

/** A variational autoencoder (Kingma & Welling 2014) that remembers what it drew at the end of the last task. */
export interface Vae extends Stateful {
  /** One SGD step on the weighted sum of the inputs' losses: reconstruction error + KL divergence, per input value. */
  learn(inputs: readonly Input[], weights: readonly number[]): void;
  /** Draws inputs from the decoder as it was when it was last remembered. */
  draw(count: number): Float32Array[];
  /** Remembers the decoder as it is. */
  remember(): void;
}

interface Given {
  readonly network: Network;
  readonly createNetwork: CreateNetwork<DifferentiableNetwork>;
  readonly shape: readonly number[];
  readonly random: Random;
}

/**
 * Makes a variational autoencoder of two networks: an encoder with the mean μ and log σ² of each of z's values, and a decoder.
 * @param size the number of z's values
 * @throws RangeError where z does not fit into the decoder
 */
export async function createVae(
  { size, rate, likelihood }: { size: number; rate: number; likelihood: Likelihood },
  { network, createNetwork, shape, random }: Given,
): Promise<Vae> {
  const { inputs } = network;
  const rows = takesRows(network);
  const room = rows ? size : inputs;
  if (size > room)
    throw new RangeError(
      `latent = ${size} asks for more values than the ${inputs} of an input, in whose shape this network's decoder takes them; use latent ≤ ${inputs}, or a network that takes rows, such as mlp.`,
    );
  const encoder = await createNetwork("encoder", { outputs: 2 * size });
  const decoder = await createNetwork("decoder", { shape: rows ? [size] : shape, outputs: inputs });
  const [dEncoder, dDecoder] = [encoder.vector(), decoder.vector()];
  const old = decoder.vector();
  old.set(decoder.theta);

  const asQuery = (z: Float32Array): Query => {
    const x = new Float32Array(room);
    x.set(z);
    return { x };
  };
  const mean = likelihood === "bernoulli" ? (z: number) => sigmoid(z) : (z: number) => z;

  return {
    learn(given, weights) {
      const batch = given.map((x) => ({ x }));
      const code = encoder.logits(batch);
      const epsilon = Float64Array.from({ length: given.length * size }, () => normal(random));
      const sigma = epsilon.map((_, i) => power(code[place(i, size) + size] / 2));
      const z = epsilon.map((e, i) => code[place(i, size)] + sigma[i] * e); // z = μ + σ ε
      const drawn = given.map((_, i) => asQuery(Float32Array.from(z.subarray(i * size, (i + 1) * size))));
      const logits = decoder.logits(drawn);
      const share = weights.map((weight) => weight / inputs);
      const dLogits = logits.map((logit, i) => {
        const n = Math.floor(i / inputs);
        return share[n] * (mean(logit) - valueOf(given[n], i % inputs, likelihood)); // both likelihoods' derivative
      });
      if (!dLogits.every(Number.isFinite)) throw new DivergedError(NaN);
      const dZ = new Float32Array(given.length * room);
      decoder.backward(drawn, dLogits, null, dDecoder, dZ);
      const dCode = new Float32Array(code.length);
      for (let i = 0; i < epsilon.length; i++) {
        const [n, at] = [Math.floor(i / size), place(i, size)];
        const dz = dZ[n * room + (i % size)];
        dCode[at] = dz + share[n] * code[at]; // KL = ½ Σ (μ² + σ² − 1 − log σ²)
        dCode[at + size] = (dz * epsilon[i] * sigma[i] + share[n] * (sigma[i] * sigma[i] - 1)) / 2;
      }
      encoder.backward(batch, dCode, null, dEncoder);
      decoder.step(dDecoder, rate);
      encoder.step(dEncoder, rate);
    },
    draw(count) {
      const drawn = Array.from({ length: count }, () =>
        asQuery(Float32Array.from({ length: size }, () => normal(random))),
      );
      decoder.theta.swap(old);
      const values = decoder.logits(drawn).map((logit) => mean(logit));
      decoder.theta.swap(old);
      return drawn.map((_, i) => values.slice(i * inputs, (i + 1) * inputs));
    },
    remember: () => old.set(decoder.theta),
    save: (): State => old.toArray(),
    load: (state) => old.fromArray(state as Float32Array),
  };
}

/** Where μ of z's value i stands in the codes; `size` further on stands its log σ². */
const place = (i: number, size: number): number => 2 * size * Math.floor(i / size) + (i % size);

/** Whether a network's first layer takes any row of values, not images of one shape only. */
function takesRows({ tensors = [], inputs }: Network): boolean {
  const [first] = tensors;
  return first?.kind === "weights" && first.shape.length === 2 && first.shape[1 - first.axis] === inputs;
}

/** eˣ, the same on every machine. */
const power = (x: number): number => (x <= 0 ? exp(x) : 1 / exp(-x));

/** @throws RangeError for a value that is no chance where it has to be */
function valueOf(x: Input, i: number, likelihood: Likelihood): number {
  const value = x instanceof Uint8Array ? x[i] / 255 : x[i];
  if (likelihood === "bernoulli" && !(value >= 0 && value <= 1))
    throw new RangeError(
      `Learner generative-replay takes an input's values for chances between 0 and 1, not ${value}; set its option "likelihood" to "gaussian".`,
    );
  return value;
}
