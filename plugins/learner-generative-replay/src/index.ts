import type {
  CreateNetwork,
  DifferentiableNetwork,
  Learner,
  OptionsFor,
  Plugin,
  Random,
  State,
  Term,
} from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { createVae } from "./vae.js";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The classifier's learning rate α." },
  rate: { type: "number", exclusiveMinimum: 0, description: "The generator's learning rate." },
  replay: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "The number of inputs that are drawn and replayed with each batch; 0: as many as the batch has.",
  },
  latent: {
    type: "integer",
    minimum: 1,
    default: 100,
    description: "The number of the generator's latent variables z.",
  },
  likelihood: {
    type: "string",
    enum: ["bernoulli", "gaussian"],
    default: "bernoulli",
    description:
      "What the generator takes an input's values for: chances between 0 and 1, or numbers of unit variance around what it decodes.",
  },
} as const;

type Outputs = readonly number[];

/**
 * Generative replay (Shin et al. 2017), with a variational autoencoder as van de Ven, Tuytelaars & Tolias 2022 have it: with
 * each batch, inputs are replayed that the generator draws as it was at the end of the last task, labelled by the network as it
 * was then. Both learn from the present with weight r = 1 / tasks so far, and from what is replayed with weight 1 − r.
 * @throws RangeError where the latent variables do not fit into the decoder
 */
export async function generativeReplay(
  given: OptionsFor<typeof options>,
  parts: {
    network: DifferentiableNetwork;
    createNetwork: CreateNetwork<DifferentiableNetwork>;
    shape: readonly number[];
    random: Random;
  },
): Promise<Learner> {
  const { alpha, rate, replay, latent, likelihood } = withDefaults(options, given);
  const { network } = parts;
  const { theta, outputs: units } = network;
  const generator = await createVae({ size: latent, rate, likelihood }, parts);
  const old = network.vector(); // θ at the end of the last task
  let tasks = 0; // that have ended
  let past: (Outputs | null)[] = []; // the lists of outputs among which what is replayed is judged; null: all
  let known: Outputs = []; // the classes among which it is labelled then
  let heads: Outputs[] = []; // the distinct lists that examples came with so far
  let classes: Outputs = []; // the classes of those without a list, ascending

  /** Each input with the old network's answers: one for each past list of outputs, and one among all classes then known. */
  function labelled(inputs: readonly Float32Array[], weight: number): Term[] {
    theta.swap(old);
    const logits = network.logits(inputs.map((x) => ({ x })));
    theta.swap(old);
    return inputs.flatMap((x, i) =>
      past.map((outputs) => {
        const y = (outputs ?? known).reduce((best, o) => (logits[i * units + o] > logits[i * units + best] ? o : best));
        return { weight, x, y, ...(outputs && { outputs }) };
      }),
    );
  }

  return {
    observe(batch) {
      const inputs = batch.map(({ x }) => x);
      const r = 1 / (tasks + 1);
      const drawn = past.length > 0 ? generator.draw(replay || batch.length) : [];
      const terms = batch.length + drawn.length * past.length; // of whose mean each part is to have its weight
      const present = drawn.length > 0 ? r / batch.length : 1 / batch.length;
      const replayed = (1 - r) / drawn.length;
      network.descend(
        [
          ...batch.map((example): Term => ({ weight: present * terms, ...example })),
          ...labelled(drawn, (replayed / past.length) * terms),
        ],
        alpha,
      );
      generator.learn([...inputs, ...drawn], [...inputs.map(() => present), ...drawn.map(() => replayed)]);
      for (const { y, outputs } of batch)
        if (!outputs) classes = [...new Set([...classes, y])].sort((a, b) => a - b);
        else if (!heads.some((head) => head.join() === outputs.join())) heads = [...heads, outputs];
    },
    endTask() {
      old.set(theta);
      generator.remember();
      tasks++;
      past = classes.length > 0 ? [...heads, null] : heads;
      known = classes;
    },
    predict: (queries) => network.predict(queries),
    save: () => ({ old: old.toArray(), generator: generator.save(), tasks, past, known, heads, classes }),
    load(state) {
      const saved = state as { old: Float32Array; generator: State; tasks: number; past: (Outputs | null)[] } & {
        readonly [L in "known" | "classes"]: Outputs;
      } & { heads: Outputs[] };
      old.fromArray(saved.old);
      generator.load(saved.generator);
      ({ tasks, past, known, heads, classes } = saved);
    },
  };
}

const plugin: Plugin<"learner", typeof options, "backward" | "boundaries"> = {
  kind: "learner",
  name: "generative-replay",
  contract: 2,
  description:
    "Generative replay: a variational autoencoder draws what past tasks were like, the old network labels it.",
  paper: "arXiv:1705.08690",
  options,
  needs: ["backward", "boundaries"],
  create: generativeReplay,
};
export default plugin;
