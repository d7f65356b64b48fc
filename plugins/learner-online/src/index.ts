import type { Learner, Network, OptionsFor, Plugin } from "@everlearn/contracts";

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
export function online({ alpha, clip = 0 }: OptionsFor<typeof options>, { network }: { network: Network }): Learner {
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

const plugin: Plugin<"learner", typeof options> = {
  kind: "learner",
  name: "online",
  description: "Online learning: one SGD step per example, nothing kept.",
  options,
  create: online,
};
export default plugin;
