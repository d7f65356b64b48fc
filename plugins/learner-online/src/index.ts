import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  clip: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The largest L2 norm of a step's gradient; 0: no limit.",
  },
} as const;

/** Online learning: one SGD step on the mean loss of each batch as it comes; nothing is kept. */
export function online(given: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
  const { alpha, clip } = withDefaults(options, given);
  const limits = clip > 0 ? { clip } : {};
  return {
    observe(batch) {
      network.descend(batch, alpha, limits);
    },
    predict: (queries) => network.predict(queries),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network"> = {
  kind: "learner",
  name: "online",
  contract: 2,
  description: "Online learning: one SGD step per example, nothing kept.",
  options,
  needs: ["network"],
  create: online,
};
export default plugin;
