// A second network of the same kind: a teacher, frozen between two refreshes, to whose logits the learner is held.

const options = /** @type {const} */ ({
  alpha: { type: "number", exclusiveMinimum: 0, default: 0.05, description: "The learning rate α." },
  refresh: {
    type: "integer",
    minimum: 1,
    default: 50,
    description: "Steps after which the teacher becomes what the learner is.",
  },
  weight: { type: "number", minimum: 0, default: 0.05, description: "The weight of the distillation." },
});

/** @type {import("@everlearn/contracts").Plugin<"learner", typeof options, "network">} */
export default {
  kind: "learner",
  name: "teacher",
  contract: 2,
  description: "Online learning that is held to the logits of a frozen teacher.",
  options,
  needs: ["network"],
  async create({ alpha, refresh, weight }, { network, createNetwork, outputs }) {
    const teacher = await createNetwork("teacher");
    let steps = 0;
    return {
      observe(batch) {
        if (steps++ % refresh === 0) teacher.theta.fromArray(network.theta.toArray());
        const logits = teacher.logits(batch);
        const lessons = batch.map(({ x }, i) => ({ weight, x, logits: logits.slice(i * outputs, (i + 1) * outputs) }));
        network.descend([...batch, ...lessons], alpha);
      },
      predict: (queries) => network.predict(queries),
      save: () => steps,
      load(state) {
        steps = Number(state);
      },
    };
  },
};
