import type { Network, Term } from "@everlearn/contracts";
import type { Check, Finding } from "./check.js";
import { difference } from "./difference.js";
import { answering } from "./examples.js";
import { departure, lossesOf } from "./loss.js";
import { off } from "./near.js";
import { gradientOf, type NetworkTrial } from "./network-trial.js";
import { someTerms, type TargetKind } from "./terms.js";

/** Losses that depart from the judge's. */
const wrongLosses = (network: Network, batch: readonly Term[]): Finding =>
  off(network.losses(batch), lossesOf(network, batch), 1e-4, "losses");

/** The check of a kind of target, alone in its batch, with a list of outputs and without. */
const targetCheck = (name: string, must: string, kind: TargetKind): Check<NetworkTrial> => ({
  name,
  must,
  async run({ make }) {
    const network = await make();
    for (const term of someTerms(4, network, { kind })) {
      const found = wrongLosses(network, [term]) ?? departure(network, [term]);
      if (found) return term.outputs ? `among outputs ${term.outputs.join(", ")}, ${found}` : found;
    }
    return undefined;
  },
});

/** What a network must make of targets and their weights. */
export const targetChecks: readonly Check<NetworkTrial>[] = [
  targetCheck("soft targets", "take −Σ p log softmax(z) as the loss of soft targets", "soft targets"),
  targetCheck(
    "temperature",
    "divide logits by the soft targets' temperature, and not multiply the loss by it",
    "soft targets at a temperature",
  ),
  targetCheck("target logits", "take mean (z − logits)² as the loss of target logits", "target logits"),
  targetCheck(
    "sigmoids",
    "take the sum of the outputs' binary cross-entropies as the loss of sigmoids",
    "sigmoid targets",
  ),
  {
    name: "mixed batch",
    must: "answer the gradient of the mean of weight · loss where targets of all kinds, masks and weights meet in a batch",
    async run({ make }) {
      const network = await make();
      return departure(network, someTerms(10, network, { weighted: true }));
    },
  },
  {
    name: "weights",
    must: "multiply a term's gradient by its weight, so that weight 0 contributes nothing",
    async run({ make }) {
      const network = await make();
      const gradient = (batch: readonly Term[]) => gradientOf(network, batch);
      for (const [i, term] of someTerms(10, network).entries()) {
        const alone = gradient([term]);
        const triple = off(
          gradient([{ ...term, weight: 3 }]),
          alone.map((g) => 3 * g),
          1e-5,
          "the gradient",
        );
        if (triple) return `at weight 3, ${triple}`;
        const other = { ...someTerms(11, network)[i + 1], weight: 0 };
        const beside = off(
          gradient([term, other]),
          alone.map((g) => g / 2),
          1e-5,
          "the gradient",
        );
        if (beside) return `beside a term of weight 0, ${beside}`;
        const theta = network.theta.toArray();
        const losses = [network.descend([other], 0.1), network.descend([other, other], 0.1, { clip: 1 })];
        if (losses.some((loss) => loss !== 0)) return `of terms of weight 0 the loss is ${losses.join(" and ")}`;
        const moved = difference(network.theta.toArray(), theta, "θ");
        if (moved) return `after a step on terms of weight 0, ${moved}`;
      }
      return undefined;
    },
  },
  {
    name: "refused targets",
    must: "refuse with a RangeError a class that is not among the outputs and a target of another length, θ left as it is",
    async run({ make }) {
      const network = await make();
      const { outputs } = network;
      const theta = network.theta.toArray();
      const [{ x }, sound] = someTerms(2, network);
      const short = new Float32Array(outputs - 1).fill(0.5);
      const long = new Float32Array(outputs + 1).fill(0.5);
      const bad: Record<string, Term> = {
        [`y = ${outputs}`]: { x, y: outputs },
        "y = -1": { x, y: -1 },
        "y = 0.5": { x, y: 0.5 },
        "y = 2 among outputs 0, 1": { x, y: 2, outputs: [0, 1] },
      };
      for (const array of [short, long]) {
        bad[`${array.length} probabilities`] = { x, probabilities: array };
        bad[`${array.length} logits`] = { x, logits: array };
        bad[`${array.length} sigmoids`] = { x, sigmoids: array };
      }
      for (const [name, term] of Object.entries(bad)) {
        const found = answering({
          descend: () => network.descend([term], 0.1),
          "descend in a batch": () => network.descend([sound, term], 0.1),
          gradient: () => network.gradient([term], network.vector()),
          losses: () => network.losses([term]),
        });
        if (found) return `given ${name} of ${outputs}, ${found}`;
      }
      return difference(network.theta.toArray(), theta, "θ");
    },
  },
];
