import type { Dependencies, Network, OptionsFor, OptionsSchema, Parts, Stateful, Term } from "@everlearn/contracts";
import { completeNetwork } from "@everlearn/network";
import { random } from "@everlearn/random";
import type { Judged } from "./check.js";
import { referenceNetwork } from "./fixtures/network.js";
import { madeOf, together } from "./state.js";

/** What a network is tried with. */
export interface NetworkSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** The number of input values, 14 by default. */
  readonly inputs?: number;
  /** The inputs' shape, of which `inputs` is the product; [inputs] by default. */
  readonly shape?: readonly number[];
  /** The number of outputs, at least 4; 6 by default. */
  readonly outputs?: number;
  /** Set for a linear model, which is not asked to learn XOR. */
  readonly linear?: boolean;
  /** Makes the network that one made of another is given; `referenceNetwork` by default. */
  readonly of?: (given: Dependencies<"network">) => Parts["network"] | Promise<Parts["network"]>;
}

/** A network as its plugin made it. */
interface Made {
  readonly core: Parts["network"];
  /** The states of the network and of the one that it is made of. */
  readonly state: Stateful;
}

/** A network plugin and what it is tried with. */
export interface NetworkTrial {
  readonly judged: Judged<"network">;
  readonly linear: boolean;
  /** Makes a network as learners are handed it. */
  readonly make: (seed?: number, options?: object) => Promise<Network>;
  readonly makeCore: (seed?: number, options?: object) => Promise<Made>;
}

/** Prepares the trials of a network. */
export function networkTrial(judged: Judged<"network">, setup: NetworkSetup): NetworkTrial {
  const { outputs = 6, linear = false } = setup;
  const { shape = [setup.inputs ?? 14] } = setup;
  const inputs = shape.reduce((product, side) => product * side, 1);
  const makeOf = setup.of ?? ((given) => referenceNetwork({}, given));
  const makeCore: NetworkTrial["makeCore"] = async (seed = 1, options) => {
    const given = (name: string) => ({ inputs, shape, outputs, folder: undefined, random: random(seed, name) });
    const { of } = await madeOf(judged.needs, async () => completeNetwork(await makeOf(given("of"))));
    const core = await judged.create({ ...given("network"), ...(of && { of }) }, options);
    return { core, state: together({ network: core, ...(of && { of }) }) };
  };
  return { judged, linear, makeCore, make: async (...values) => completeNetwork((await makeCore(...values)).core) };
}

/** A batch's gradient in a vector of its own. */
export function gradientOf(network: Pick<Network, "gradient" | "vector">, batch: readonly Term[]): Float32Array {
  const gradient = network.vector();
  network.gradient(batch, gradient);
  return gradient.toArray();
}

/** A vector of the network with these values. */
export function vectorOf(network: Pick<Network, "vector">, values: Float32Array): ReturnType<Network["vector"]> {
  const vector = network.vector();
  vector.fromArray(values);
  return vector;
}

/** Calls every member that takes terms or queries. */
export function everyCall(network: Network, batch: readonly Term[]): void {
  const gradient = network.vector();
  network.descend(batch, 0.1);
  network.descend(batch.slice(0, 1), 0.1, { clip: 1 });
  network.gradient(batch, gradient);
  network.step(gradient, 0.1);
  network.gradientGram(batch);
  network.losses(batch);
  network.predict(batch);
  network.logits(batch);
  const features = network.features(batch);
  const inputs = new Float32Array(batch.length * network.inputs);
  network.backward?.(batch, new Float32Array(batch.length * network.outputs).fill(1), features, gradient, inputs);
}
