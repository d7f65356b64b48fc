import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { answerByTask, byTask, taskParameters } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  warmStart: {
    type: "boolean",
    default: true,
    description:
      "Whether a new task's network begins with the weights of the one before it, or else with the first one's initial weights.",
  },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

const refusal =
  'Learner independent needs task labels in training and at test; choose a scenario that grants them, such as "task-il".';

/**
 * One network for each task, trained online: a baseline of Lopez-Paz & Ranzato 2017. θ has the parameters of the task at
 * hand; those of other tasks are put away.
 */
export function independent(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, warmStart, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  const parameters = taskParameters(network, { warmStart });
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
  name: "independent",
  contract: 2,
  description: "One network for each task, which by default begins with the weights of the one before it.",
  paper: "arXiv:1706.08840",
  options,
  needs: ["network", "testTaskLabels"],
  create: independent,
};
export default plugin;
