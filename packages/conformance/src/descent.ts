import type { Network, Vector } from "@everlearn/contracts";
import { meanLoss, someExamples } from "./loss.js";
import type { NetworkSubject } from "./network.js";
import { type Check, thrown } from "./report.js";

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** The first element of `actual` that is further than `tolerance` from `expected`. */
function off(actual: Float32Array, expected: ArrayLike<number>, tolerance: number, name: string): string | undefined {
  const i = actual.findIndex(
    (value, at) => !(Math.abs(value - expected[at]) <= tolerance * Math.max(1, Math.abs(expected[at]))),
  );
  return i < 0 ? undefined : `${name}[${i}] is ${actual[i]} rather than ${expected[i]}`;
}

/** θ after a step of the given length along the gradient. */
const stepped = (theta: Float32Array, gradient: Float32Array, rate: number) =>
  Float64Array.from(theta, (value, i) => value - rate * gradient[i]);

/** How `step` answers or throws where the loss is not a finite number. */
function unfinite(step: () => number): { threw: boolean; finding: string | undefined } {
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
      const batch = someExamples(5, network, "some");
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
      const examples = someExamples(6, network, "some");
      for (const batch of [examples.slice(0, 1), examples.slice(1, 2), examples]) {
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
    must: "answer the mean loss before the step",
    async run({ make }) {
      const network = await make();
      const examples = someExamples(6, network, "some");
      for (const batch of [examples.slice(0, 1), examples.slice(1, 2), examples]) {
        const before = meanLoss(network, batch);
        const loss = network.descend(batch, 0.1);
        if (!(Math.abs(loss - before) <= 1e-4 * Math.max(1, before)))
          return `descend answered ${loss} where the mean loss of ${batch.length} was ${before}`;
      }
      return undefined;
    },
  },
  {
    name: "clip",
    must: "scale a gradient that is longer than clip down to that length, and no other",
    async run({ make }) {
      const network = await make();
      const examples = someExamples(6, network, "some");
      for (const batch of [examples.slice(0, 1), examples])
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
