import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { answerByTask, byTask, taskParameters } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  warmStart: {
    type: "boolean",
    default: false,
    description:
      "Whether a new task's input layer begins with the weights of the one before it, or else with the first one's initial weights.",
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

const refusal =
  'Learner task-input needs task labels in training and at test; choose a scenario that grants them, such as "task-il".';

/**
 * An input layer for each task, all other layers shared: the multimodal baseline of Lopez-Paz & Ranzato 2017, "task
 * input" of Riemer et al. 2019. θ has the input layer of the task at hand; those of other tasks are put away.
 */
export function taskInput(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, warmStart, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  const parameters = taskParameters(network, { count: network.layers[0], warmStart });
  return {
    observe(batch) {
      for (const [task, own] of byTask(batch, refusal)) {
        parameters.switchTo(task);
        network.descend(own, alpha, limits);
      }
    },
    predict: (queries) =>
      answerByTask(queries, refusal, (task, own) => parameters.asIf(task, () => network.predict(own))),
    save: () => parameters.save(),
    load: (state) => parameters.load(state),
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "testTaskLabels"> = {
  kind: "learner",
  name: "task-input",
  contract: 2,
  description: "An input layer for each task, all other layers shared.",
  paper: "arXiv:1706.08840",
  options,
  needs: ["network", "testTaskLabels"],
  create: taskInput,
};
export default plugin;
