import type { Learner, Network, OptionsFor, Plugin, Random, Vector } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { answerByTask, byTask, tensorsOf } from "@everlearn/learning";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  gated: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0.8,
    description: "The fraction X of each hidden layer's units that a task does without; at least one is left.",
  },
} as const;

const refusal =
  'Learner xdg needs task labels in training and at test; choose a scenario that grants them, such as "task-il".';

/**
 * Context-dependent gating (Masse, Grant & Freedman 2018): SGD in which a random part of the hidden units, drawn for each task,
 * is silent. A unit is silenced by zeros in place of the weights and the bias that lead to it.
 * @throws RangeError if the network does not say what its parameters are
 */
export function xdg(
  given: OptionsFor<typeof options>,
  { network, random }: { network: Network; random: Random },
): Learner {
  const { alpha, gated } = withDefaults(options, given);
  const { theta } = network;
  const tensors = tensorsOf(network, "xdg");
  const parameters = theta.toArray().length;
  const gates = new Map<number, Vector>(); // by task; drawn again when they are needed, so they are no state
  const others = network.vector();
  const g = network.vector();

  /** 1 for each parameter that leads to a unit which takes part in a task, 0 for the others. */
  function gatesOf(task: number): Vector {
    const known = gates.get(task);
    if (known) return known;
    const draw = random.fork(`task-${task}`);
    const values = new Float32Array(parameters).fill(1);
    let layer = -1;
    let open = new Set<number>();
    for (const { kind, layer: own, outputs, from, to, outputAt, isLast } of tensors) {
      if (isLast || kind === "means" || kind === "variances") continue;
      if (kind === "weights" && own !== layer) {
        layer = own;
        open = new Set(draw.permutation(outputs, Math.max(1, outputs - Math.round(gated * outputs))));
      } else if (layer < 0) continue; // a normalisation of the inputs
      for (let i = from; i < to; i++) if (!open.has(outputAt(i))) values[i] = 0;
    }
    const gate = network.vector();
    gate.fromArray(values);
    gates.set(task, gate);
    return gate;
  }

  return {
    observe(batch) {
      for (const [task, own] of byTask(batch, refusal)) {
        const gate = gatesOf(task);
        others.set(theta);
        theta.times(gate);
        others.add(theta, -1); // what is silent, and zeros elsewhere
        network.gradient(own, g);
        g.times(gate);
        theta.add(others); // not set back: running statistics have moved
        network.step(g, alpha);
      }
    },
    predict: (queries) =>
      answerByTask(queries, refusal, (task, own) => {
        others.set(theta);
        theta.times(gatesOf(task));
        try {
          return network.predict(own);
        } finally {
          theta.swap(others);
        }
      }),
    save: () => null,
    load() {},
  };
}

const plugin: Plugin<"learner", typeof options, "network" | "testTaskLabels"> = {
  kind: "learner",
  name: "xdg",
  contract: 2,
  description:
    "Context-dependent gating: each task uses a random part of the hidden units, and leaves the others alone.",
  paper: "doi:10.1073/pnas.1803839115",
  options,
  needs: ["network", "testTaskLabels"],
  create: xdg,
};
export default plugin;
