import type { Example, Learner, Network, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { answerByTask, byTask } from "@everlearn/learning";
import { packing } from "./packing.js";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  prune: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0.5,
    description: "The fraction of the weights trained for a task that is freed for later ones, in each layer.",
  },
  passes: {
    type: "integer",
    minimum: 0,
    default: 1,
    description: "Passes over the task's examples, which are kept until then, to retrain what pruning left; 0: none.",
  },
  k: { type: "integer", minimum: 1, default: 32, description: "The batch size of these passes." },
  biases: {
    type: "string",
    enum: ["fixed", "own"],
    default: "fixed",
    description:
      "Whether biases and normalisations are fixed after the first task, or each task has its own; the last layer always is each task's own.",
  },
} as const;

const refusal =
  'Learner packnet needs task labels in training and at test; choose a scenario that grants them, such as "task-il".';

/**
 * PackNet (Mallya & Lazebnik 2018): a task trains the weights that are free, beside those of earlier tasks, which stay. When it
 * ends, the smallest of its weights become zeros, free for later tasks, and the rest is trained a little more. Queries of a
 * task are answered with the weights that there were when it ended.
 * @throws RangeError if the network does not say what its parameters are
 */
export function packnet(
  given: OptionsFor<typeof options>,
  { network, random }: { network: Network; random: Random },
): Learner {
  const { alpha, prune, passes, k, biases } = withDefaults(options, given);
  const { theta } = network;
  const pack = packing(network, biases);
  const g = network.vector();
  const before = network.vector();
  let met: Example[] = []; // the task's examples, to retrain on

  /** One step of what may learn. Nothing else moves, be it a running statistic or an optimizer's memory of other tasks. */
  function descend(batch: readonly Example[]): void {
    before.set(theta);
    network.gradient(batch, g);
    g.times(pack.free);
    network.step(g, alpha);
    theta.add(before, -1);
    theta.times(pack.free);
    theta.add(before);
  }

  return {
    observe(batch) {
      for (const [task, own] of byTask(batch, refusal)) {
        if (pack.isPacked(task)) continue; // others rely on its weights
        pack.switchTo(task);
        if (passes > 0) met.push(...own);
        descend(own);
      }
    },
    endTask() {
      const task = pack.current;
      if (task === undefined || pack.isPacked(task)) return;
      pack.prune(task, prune);
      for (let pass = 0; pass < passes; pass++) {
        const order = Array.from(random.permutation(met.length), (i) => met[i]);
        for (let i = 0; i < order.length; i += k) descend(order.slice(i, i + k));
      }
      met = [];
    },
    predict: (queries) => answerByTask(queries, refusal, (task, own) => pack.asIf(task, () => network.predict(own))),
    save: () => ({ pack: pack.save(), met: [...met] }),
    load(state) {
      const saved = state as { pack: ReturnType<typeof pack.save>; met: Example[] };
      pack.load(saved.pack);
      met = [...saved.met];
    },
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "testTaskLabels" | "boundaries"> = {
  kind: "learner",
  name: "packnet",
  contract: 2,
  description: "PackNet: tasks share a network's weights by pruning, each with what earlier ones left free.",
  paper: "arXiv:1711.05769",
  options,
  needs: ["network", "testTaskLabels", "boundaries"],
  create: packnet,
};
export default plugin;
