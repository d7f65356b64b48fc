import type { Network, Term, Vector } from "@everlearn/contracts";
import { difference } from "./difference.js";
import { meanLoss } from "./loss.js";
import { norm, off } from "./near.js";
import type { NetworkSubject } from "./network.js";
import { type Check, thrown } from "./report.js";
import { someExamples, someTerms } from "./terms.js";

/** θ after a step of the given length along the gradient. */
const stepped = (theta: Float32Array, gradient: Float32Array, rate: number) =>
  Float64Array.from(theta, (value, i) => value - rate * gradient[i]);

/** Terms of every kind, masked or not and with weights: each alone, then some together. */
function batches(network: Network): Term[][] {
  const terms = someTerms(30, network, { weighted: true });
  return [...terms.map((term) => [term]), terms.slice(0, 10)];
}

/** How `step` answers or throws where the loss is not a finite number. */
export function unfinite(step: () => number): { threw: boolean; finding: string | undefined } {
  try {
    const loss = step();
    return { threw: false, finding: Number.isFinite(loss) ? undefined : `descend answered a loss of ${loss}` };
  } catch (error) {
    const right = error instanceof Error && error.name === "DivergedError";
    return { threw: true, finding: right ? undefined : `descend threw ${thrown(error)}` };
  }
}

/** What `descend` and `gradient` must do. */
export const descentChecks: readonly Check<NetworkSubject>[] = [
  {
    name: "gradient into",
    must: "write the gradient over the vector it is given, and leave θ as it is",
    async run({ make }) {
      const network = await make();
      const batch = someExamples(3, network);
      const theta = network.theta.toArray();
      const fresh = network.gradient(batch).toArray();
      const into: Vector = network.vector();
      into.map(() => 5);
      if (network.gradient(batch, into) !== into) return "gradient(batch, into) did not answer into";
      return off(into.toArray(), fresh, 0, "into") ?? off(network.theta.toArray(), theta, 0, "θ");
    },
  },
  {
    name: "batch mean",
    must: "answer as a batch's gradient the mean of its examples' gradients",
    async run({ make }) {
      const network = await make();
      const batch = someTerms(10, network, { weighted: true });
      const mean = network.vector();
      for (const example of batch) mean.add(network.gradient([example]), 1 / batch.length);
      return off(network.gradient(batch).toArray(), mean.toArray(), 1e-5, "the gradient");
    },
  },
  {
    name: "descent",
    must: "descend to θ − rate · gradient, for one example and for several",
    async run({ make }) {
      const network = await make();
      for (const batch of batches(network)) {
        const [theta, gradient] = [network.theta.toArray(), network.gradient(batch).toArray()];
        network.descend(batch, 0.1);
        const found = off(network.theta.toArray(), stepped(theta, gradient, 0.1), 1e-6, "θ");
        if (found) return `after a step on ${batch.length}, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "loss",
    must: "answer the mean of weight · loss before the step, and remember it until the next",
    async run({ make }) {
      const network = await make();
      if (!Number.isNaN(network.loss)) return `its loss was ${network.loss} before it had found any`;
      for (const batch of batches(network)) {
        const before = meanLoss(network, batch);
        const right = (loss: number) => Math.abs(loss - before) <= 1e-4 * Math.max(1, before);
        network.gradient(batch);
        if (!right(network.loss)) return `after gradient its loss was ${network.loss} rather than ${before}`;
        const loss = network.descend(batch, 0.1);
        if (!right(loss))
          return `descend answered ${loss} where the mean of weight · loss of ${batch.length} was ${before}`;
        if (network.loss !== loss) return `after descend its loss was ${network.loss} rather than ${loss}`;
      }
      return undefined;
    },
  },
  {
    name: "clip",
    must: "scale a gradient that is longer than clip down to that length, and no other",
    async run({ make }) {
      const network = await make();
      for (const batch of batches(network))
        for (const share of [0.1, 10]) {
          const [theta, gradient] = [network.theta.toArray(), network.gradient(batch).toArray()];
          const clip = share * norm(gradient);
          network.descend(batch, 0.1, { clip });
          const expected = stepped(theta, gradient, 0.1 * Math.min(1, share));
          const found = off(network.theta.toArray(), expected, 2e-6, "θ");
          if (found)
            return `after a step on ${batch.length} with clip ${clip.toPrecision(3)} and a gradient of length ${norm(gradient).toPrecision(3)}, ${found}`;
        }
      return undefined;
    },
  },
  {
    name: "step",
    must: "step to θ − rate · gradient, where the rate is a number and where it is a vector",
    async run({ make }) {
      const network = await make();
      const gradient = network.gradient(someTerms(10, network));
      const g = gradient.toArray();
      const rates = network.vector();
      rates.fromArray(g.map((_, i) => (i % 3) / 8));
      for (const [rate, rateOf] of [
        [0.25, () => 0.25],
        [rates, (i: number) => (i % 3) / 8],
      ] as const) {
        const theta = network.theta.toArray();
        network.step(gradient, rate);
        const expected = theta.map((value, i) => value - rateOf(i) * g[i]);
        const found =
          off(network.theta.toArray(), expected, 1e-6, "θ") ??
          difference(gradient.toArray(), g, "the gradient") ??
          difference(
            rates.toArray(),
            g.map((_, i) => (i % 3) / 8),
            "the vector of rates",
          );
        if (found) return `after a step with ${typeof rate === "number" ? "a number" : "a vector"}, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "divergence",
    must: "throw a DivergedError where the loss is not finite",
    async run({ make }) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        for (const count of [1, 3]) {
          const network = await make();
          const batch = someExamples(count, network);
          network.theta.map(() => value);
          const { threw, finding } = unfinite(() => network.descend(batch, 0.1));
          if (finding) return `where θ is ${value}, ${finding}`;
          if (!threw) return `where θ is ${value}, descend answered`;
        }
      }
      return recklessly(await make());
    },
  },
];

/** Descends at a huge rate until the loss leaves the finite numbers, if it does. */
function recklessly(network: Network): string | undefined {
  for (const example of someExamples(100, network)) {
    const { threw, finding } = unfinite(() => network.descend([example], 1e30));
    if (finding) return `at a rate of 1e30, ${finding}`;
    if (threw) return undefined;
  }
  return undefined;
}
