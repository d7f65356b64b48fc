import type { CreateNetwork, Kind, Network, Optimizer, Parts, Random, Size, Stateful } from "@everlearn/contracts";
import { completeNetwork, countGradients } from "@everlearn/network";
import { isName } from "./kinds.js";
import { makeChain, ofWrapped } from "./make.js";
import { showValue } from "./phrases.js";
import type { PlannedPart } from "./planned-part.js";

/** The networks of one cell: the learner's first, and those that it asks for besides. */
export interface Networks {
  readonly first: Network;
  readonly createNetwork: CreateNetwork;
  /**
   * Refuses further networks: the learner has been made, and from now on it is fixed what a checkpoint holds.
   * @returns the names of networks that are still being made, for which the learner did not wait
   */
  close(): readonly string[];
  /**
   * What each network, the count of its gradients and its generators have to save: "network", "network/teacher",
   * "gradients/teacher", "random-network/teacher" …
   */
  states(): Readonly<Record<string, Stateful>>;
  /** Gradients of one term's loss that all of them have computed. */
  gradients(): number;
  /** The loss that the first found last; undefined before. */
  loss(): number | undefined;
}

/** The plugins, sizes and generator that a cell's networks are made from. */
export interface NetworkPlan {
  readonly planned: PlannedPart<"network">;
  readonly optimizer: PlannedPart<"optimizer"> | undefined;
  readonly size: Size;
  readonly folder: string;
  readonly random: Random;
}

type MakeLink = <K extends Kind>(planned: PlannedPart<K>, given: object) => Promise<Parts[K]>;

/** Makes the first network; `link` makes one link of a part's chain. */
export async function createNetworks(link: MakeLink, plan: NetworkPlan): Promise<Networks> {
  const counts: (readonly ReturnType<typeof countGradients>[])[] = []; // of each network those of its chain, outermost first
  const states: Record<string, Stateful> = {};
  const asked = new Set<string>();
  const unfinished = new Set<string>();
  let open = true;

  /** @param name the learner's for it; "" for the first, whose generator is saved by whoever has it */
  async function build(name: string, size: Size, random: Random): Promise<Network> {
    const suffix = name === "" ? "" : `/${name}`;
    let [own, path] = [random, `random-network${suffix}`];
    if (name !== "") states[path] = random;
    const counters: ReturnType<typeof countGradients>[] = [];
    const links = await makeChain(plan.planned, async (one, wrapped) => {
      if (wrapped !== undefined) {
        // Not its name alone: a learner may call a further network so.
        own = own.fork(`of:${one.plugin.name}`);
        path += `:${one.plugin.name}`;
        states[path] = own;
      }
      const of = ofWrapped(wrapped && completeNetwork(wrapped));
      counters.unshift(countGradients(await link(one, { ...size, folder: plan.folder, random: own, ...of })));
      return counters[0].network;
    });
    const optimizer = plan.optimizer && (await createOptimizer(link, plan.optimizer, links[0]));
    const network = completeNetwork(links[0], optimizer);
    counts.push(counters);
    for (const [depth, { network: inner, count }] of counters.entries()) {
      const place = suffix + "/of".repeat(depth);
      states[`network${place}`] = depth === 0 ? network : inner;
      states[`gradients${place}`] = count;
    }
    return network;
  }

  const further: CreateNetwork = async (name, { shape = plan.size.shape, outputs = plan.size.outputs } = {}) => {
    if (!open)
      throw new RangeError(
        `The network "${name}" was asked for too late; a learner must ask for networks in its create.`,
      );
    if (!isName(name) || name === "of")
      throw new RangeError(
        `A network's name is 1 to 64 letters a-z, digits and hyphens, and not "of"; ${showValue(name)} is none.`,
      );
    if (asked.has(name))
      throw new RangeError(`There is a network "${name}" already; give each network a name of its own.`);
    asked.add(name);
    unfinished.add(name);
    const inputs = shape.reduce((product, side) => product * side, 1);
    const network = await build(name, { shape, inputs, outputs }, plan.random.fork(name));
    unfinished.delete(name);
    return network;
  };

  const first = await build("", plan.size, plan.random);
  return {
    first,
    createNetwork(name, size) {
      const network = further(name, size);
      network.catch(() => {}); // it is thrown where the learner waits; one that does not is refused
      return network;
    },
    close() {
      open = false;
      return [...unfinished];
    },
    states: () => states,
    // A network that is made of another one may ask it for more gradients than it is asked for, or compute its own.
    gradients: () => counts.reduce((sum, links) => sum + Math.max(...links.map((link) => link.gradients())), 0),
    loss: () => counts[0][0].loss(),
  };
}

/** Creates one update rule from a chain of optimizers, whose states are saved together. */
async function createOptimizer(
  link: MakeLink,
  planned: PlannedPart<"optimizer">,
  network: Parts["network"],
): Promise<Optimizer> {
  const given = { vector: () => network.vector(), ...(network.trained && { trained: network.trained }) };
  const links = await makeChain(planned, (one, wrapped) => link(one, { ...given, ...ofWrapped(wrapped) }));
  if (links.length === 1) return links[0];
  return {
    update: (theta, gradient, rate) => links[0].update(theta, gradient, rate),
    save: () => links.map((one) => one.save()),
    load(state) {
      links.forEach((one, i) => one.load((state as readonly ReturnType<Optimizer["save"]>[])[i]));
    },
  };
}
