import type { Network } from "@everlearn/contracts";
import { type Check, type Finding, thrown } from "./check.js";
import { difference } from "./difference.js";
import { meanLoss } from "./loss.js";
import { off } from "./near.js";
import { gradientOf, type NetworkTrial } from "./network-trial.js";
import { batches, someExamples, someTerms } from "./terms.js";

/** Whether a call that answers a loss throws where the loss is not finite, and what is wrong with how it does. */
function unfinite(name: string, call: () => number): { threw: boolean; finding: Finding } {
  try {
    const loss = call();
    return { threw: false, finding: Number.isFinite(loss) ? undefined : `${name} answered a loss of ${loss}` };
  } catch (error) {
    const right = error instanceof Error && error.name === "DivergedError";
    return { threw: true, finding: right ? undefined : `${name} threw ${thrown(error)}` };
  }
}

/** Descends at a huge rate until the loss leaves the finite numbers, if it does. */
function recklessly(network: Network): Finding {
  for (const example of someExamples(100, network)) {
    const { threw, finding } = unfinite("descend", () => network.descend([example], 1e30));
    if (finding) return `at a rate of 1e30, ${finding}`;
    if (threw) return undefined;
  }
  return undefined;
}

/** What `gradient` must do, and where descent must stop. */
export const descentChecks: readonly Check<NetworkTrial>[] = [
  {
    name: "gradient into",
    must: "write the gradient over the vector it is given, and leave θ as it is",
    async run({ make }) {
      const network = await make();
      const batch = someExamples(3, network);
      const theta = network.theta.toArray();
      const fresh = gradientOf(network, batch);
      const into = network.vector();
      into.map(() => 5);
      network.gradient(batch, into);
      return off(into.toArray(), fresh, 0, "into") ?? difference(network.theta.toArray(), theta, "θ");
    },
  },
  {
    name: "batch mean",
    must: "answer as a batch's gradient the mean of its examples' gradients",
    async run({ make }) {
      const network = await make();
      const batch = someTerms(10, network, { weighted: true });
      const [mean, one] = [network.vector(), network.vector()];
      for (const example of batch) {
        network.gradient([example], one);
        mean.add(one, 1 / batch.length);
      }
      return off(gradientOf(network, batch), mean.toArray(), 1e-5, "the gradient");
    },
  },
  {
    name: "loss",
    must: "answer with the gradient the batch's loss, the mean of weight · loss",
    async run({ make }) {
      const network = await make();
      for (const batch of batches(network)) {
        const expected = meanLoss(network, batch);
        const loss = network.gradient(batch, network.vector());
        if (!(Math.abs(loss - expected) <= 1e-4 * Math.max(1, expected)))
          return `gradient answered ${loss} where the mean of weight · loss of ${batch.length} is ${expected}`;
      }
      return undefined;
    },
  },
  {
    name: "divergence",
    must: "throw a DivergedError where the loss is not finite",
    async run({ make }) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
        for (const count of [1, 3]) {
          const network = await make();
          const batch = someExamples(count, network);
          network.theta.map(() => value);
          for (const [name, call] of [
            ["gradient", () => network.gradient(batch, network.vector())],
            ["descend", () => network.descend(batch, 0.1)],
          ] as const) {
            const { threw, finding } = unfinite(name, call);
            if (finding) return `where θ is ${value}, ${finding}`;
            if (!threw) return `where θ is ${value}, ${name} answered`;
          }
        }
      return recklessly(await make());
    },
  },
];
