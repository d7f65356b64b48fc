import type { FastPaths, Network, Parts, Query } from "@everlearn/contracts";
import { completeNetwork } from "@everlearn/network";
import { random } from "@everlearn/random";
import type { Check, Finding } from "./check.js";
import { difference } from "./difference.js";
import { norm, off } from "./near.js";
import { gradientOf, type NetworkTrial, vectorOf } from "./network-trial.js";
import { batches, someExamples, someTerms } from "./terms.js";

/** How a network with a fast path answers otherwise than one without it. */
type Compare = (fast: Network, derived: Network) => Finding;

/** What each fast path is compared in. */
const comparisons: { readonly [P in keyof FastPaths]: { readonly must: string; readonly compare: Compare } } = {
  descend: {
    must: "descend as by gradient and step, along a gradient that clip scales down where it is longer",
    compare: otherDescent,
  },
  step: {
    must: "step to θ − rate · gradient, where the rate is a number and where it is a vector",
    compare: otherStep,
  },
  losses: {
    must: "answer the loss of each term's logits, its weight left out, and leave θ as it is",
    compare: otherLosses,
  },
  predict: {
    must: "predict the first of the largest logits among a query's outputs",
    compare: otherPredictions,
  },
  gram: {
    must: "answer the inner products of vectors, n × n of them, and leave the vectors as they are",
    compare: otherGram,
  },
  gradientGram: {
    must: "answer the inner products of single terms' gradients, weights left out, and leave θ as it is",
    compare: otherGradientGram,
  },
};

/** What the fast paths that a network brings must do: the same as what is derived from its core. */
export const fastPathChecks: readonly Check<NetworkTrial>[] = (Object.keys(comparisons) as (keyof FastPaths)[]).map(
  (path): Check<NetworkTrial> => ({
    name: `fast ${path}`,
    must: `${comparisons[path].must} (tried where it brings ${path})`,
    async run({ makeCore }) {
      const [{ core }, other] = [await makeCore(), await makeCore()];
      if (core[path] === undefined) return undefined;
      const finding = comparisons[path].compare(completeNetwork(core), completeNetwork(without(other.core, path)));
      return finding && `unlike what is derived, ${finding}`;
    },
  }),
);

/** A network that lacks one of its members. */
function without(core: Parts["network"], member: keyof FastPaths): Parts["network"] {
  return new Proxy(core, {
    get(target, name) {
      if (name === member) return undefined;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function otherDescent(fast: Network, derived: Network): Finding {
  for (const batch of batches(fast))
    for (const share of [undefined, 0.1, 10]) {
      derived.theta.fromArray(fast.theta.toArray());
      const length = norm(gradientOf(derived, batch));
      const limits = share === undefined ? {} : { clip: share * length };
      const loss = fast.descend(batch, 0.1, limits);
      const expected = derived.descend(batch, 0.1, limits);
      const limit =
        share === undefined
          ? ""
          : ` with clip ${(share * length).toPrecision(3)} and a gradient of length ${length.toPrecision(3)}`;
      if (!(Math.abs(loss - expected) <= 1e-4 * Math.max(1, Math.abs(expected))))
        return `a step on ${batch.length}${limit} answers a loss of ${loss} rather than ${expected}`;
      const found = off(fast.theta.toArray(), derived.theta.toArray(), 2e-6, "θ");
      if (found) return `after a step on ${batch.length}${limit}, ${found}`;
    }
  return undefined;
}

function otherStep(fast: Network, derived: Network): Finding {
  const g = gradientOf(fast, someTerms(10, fast));
  const rates = g.map((_, i) => (i % 3) / 8);
  for (const rate of [0.25, rates]) {
    const [[theta, gradient, used], [expected]] = [fast, derived].map((network) => {
      const along = vectorOf(network, g);
      const by = typeof rate === "number" ? rate : vectorOf(network, rate);
      network.step(along, by);
      return [network.theta.toArray(), along.toArray(), typeof by === "number" ? rates : by.toArray()];
    });
    const found =
      off(theta, expected, 1e-6, "θ") ??
      difference(gradient, g, "the gradient") ??
      difference(used, rates, "the vector of rates");
    if (found) return `after a step with ${typeof rate === "number" ? "a number" : "a vector"}, ${found}`;
  }
  return undefined;
}

function otherLosses(fast: Network, derived: Network): Finding {
  const theta = fast.theta.toArray();
  for (const batch of [someTerms(30, fast, { weighted: true }), []]) {
    const losses = fast.losses(batch);
    if (!(losses instanceof Float32Array) || losses.length !== batch.length)
      return `losses answers no Float32Array of ${batch.length} for ${batch.length} terms`;
    const found = off(losses, derived.losses(batch), 1e-4, "losses");
    if (found) return found;
  }
  return difference(fast.theta.toArray(), theta, "θ");
}

function otherPredictions(fast: Network, derived: Network): Finding {
  const compare = (queries: readonly Query[]): Finding =>
    difference(fast.predict(queries), derived.predict(queries), "the prediction");
  const queries = someExamples(40, fast, "some");
  const found = compare(queries) ?? compare([]);
  if (found) return found;
  for (const network of [fast, derived]) network.theta.times(0);
  const equal = compare(queries);
  return equal && `where all logits are equal, ${equal}`;
}

function otherGram(fast: Network, derived: Network): Finding {
  const { length } = fast.theta.toArray();
  for (const n of [0, 1, 2, 5, 9]) {
    const values = Array.from({ length: n }, (_, v) => {
      const draw = random(14, `vector ${v}`);
      return Float32Array.from({ length }, () => 4 * draw.uniform() - 2);
    });
    const [own, others] = [fast, derived].map((network) => values.map((array) => vectorOf(network, array)));
    const found = otherProducts(fast.gram(own), derived.gram(others), n);
    if (found) return `of ${n} vectors, ${found}`;
    const changed = difference(
      own.map((vector) => vector.toArray()),
      values,
      "vectors",
    );
    if (changed) return changed;
  }
  return undefined;
}

function otherGradientGram(fast: Network, derived: Network): Finding {
  const theta = fast.theta.toArray();
  for (const n of [0, 1, 2, 9]) {
    const terms = someTerms(n, fast, { weighted: true });
    const found = otherProducts(fast.gradientGram(terms), derived.gradientGram(terms), n);
    if (found) return `of ${n} terms, ${found}`;
  }
  return difference(fast.theta.toArray(), theta, "θ");
}

/** How inner products of n vectors are off, by the vectors' lengths. */
function otherProducts(products: Float64Array, expected: Float64Array, n: number): Finding {
  if (!(products instanceof Float64Array) || products.length !== n * n) return `it is no Float64Array of ${n * n}`;
  const lengths = Array.from({ length: n }, (_, i) => Math.sqrt(expected[i * n + i]));
  const at = products.findIndex(
    (product, k) => !(Math.abs(product - expected[k]) <= 1e-4 * lengths[Math.floor(k / n)] * lengths[k % n] + 1e-12),
  );
  if (at < 0) return undefined;
  return `that of ${Math.floor(at / n)} and ${at % n} is ${products[at]} rather than ${expected[at]}`;
}
