import type { Buffer, Example, Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { assertDraws } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  k: { type: "integer", minimum: 1, description: "The batch size: the current example and k−1 draws from the buffer." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/**
 * Experience replay with tasks, Algorithm 5 of Riemer et al. 2019: one SGD step on k−1 draws and the current example,
 * whose loss is the sum over the tasks among them of the mean loss within the task. A stream that comes in batches
 * makes one step on the draws and the whole batch. Examples without a task label count as one task.
 * @throws RangeError if the buffer can never hold k−1 examples.
 */
export function erWithTasks(
  given: OptionsFor<typeof options>,
  { network, buffer: memory }: { network: Network; buffer: Buffer },
): Learner {
  const { alpha, k, clip } = withDefaults(options, given);
  assertDraws(memory, { k }, k - 1);
  const limits = clip > 0 ? { clip } : {};
  return {
    observe(batch) {
      const examples = [...memory.sample(k - 1), ...batch];
      const sizes = new Map<number | undefined, number>();
      for (const { task } of examples) sizes.set(task, (sizes.get(task) ?? 0) + 1);
      // The network takes the mean over the batch; a weight of n / n_task makes it the sum of the tasks' means.
      const weight = ({ task }: Example) => examples.length / (sizes.get(task) ?? 1);
      const terms = examples.map((example) => ({ weight: weight(example), ...example }));
      network.descend(terms, alpha, limits);
      for (const current of batch) memory.add(current);
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "buffer" | "taskLabels"> = {
  kind: "learner",
  name: "er-with-tasks",
  contract: 2,
  description: "Experience replay, Algorithm 5: one step on the sum of the mean losses of the tasks in the batch.",
  paper: "arXiv:1810.11910",
  options,
  needs: ["network", "buffer", "taskLabels"],
  create: erWithTasks,
};
export default plugin;
