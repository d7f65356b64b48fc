import type { Need, OptionsSchema, Plugin } from "@everlearn/contracts";
import { completeNetwork } from "@everlearn/network";
import { random } from "@everlearn/random";
import { backwardChecks } from "./backward.js";
import type { AnyPlugin, Check } from "./check.js";
import { descentChecks } from "./descent.js";
import { copy, difference } from "./difference.js";
import { fastPathChecks } from "./fast-paths.js";
import { featureChecks } from "./features.js";
import { departure, meanLoss } from "./loss.js";
import {
  everyCall,
  gradientOf,
  type NetworkSetup,
  type NetworkTrial,
  networkTrial,
  vectorOf,
} from "./network-trial.js";
import { rehearsalChecks } from "./rehearsal.js";
import { judge } from "./report.js";
import { targetChecks } from "./targets.js";
import { someExamples, someTerms } from "./terms.js";
import { wrongOperation, wrongRoundTrip } from "./vector.js";
import { watch } from "./watch.js";

/** What every network must do. */
export const networkChecks: readonly Check<NetworkTrial>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock but what it is handed",
    async run({ make }) {
      const used = await watch(async () => {
        const network = await make();
        everyCall(network, someTerms(10, network));
        network.save();
      });
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ make, judged }) {
      const options = judged.options();
      const network = await make(1, options);
      network.descend(someExamples(4, network), 0.1);
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "inputs unchanged",
    must: "leave examples and queries as they are",
    async run({ make }) {
      const network = await make();
      const batch = someTerms(10, network, { weighted: true });
      const before = copy(batch);
      everyCall(network, batch);
      return difference(batch, before, "batch");
    },
  },
  ...rehearsalChecks<NetworkTrial>(async ({ makeCore }) => {
    const { core, state } = await makeCore();
    const network = completeNetwork(core);
    const terms = someTerms(60, network, { weighted: true });
    return {
      steps: 30,
      step(i) {
        const batch = terms.slice(2 * i, 2 * i + 1 + (i % 2));
        if (i % 4 === 3) network.step(vectorOf(network, gradientOf(network, batch)), 0.05);
        return [network.descend(batch, 0.05), network.theta.toArray()];
      },
      ...state,
    };
  }),
  {
    name: "other seed",
    must: "begin elsewhere with another seed",
    run: async ({ make }) =>
      difference((await make(2)).theta.toArray(), (await make(1)).theta.toArray())
        ? undefined
        : "seeds 1 and 2 give the same θ",
  },
  {
    name: "vectors",
    must: "make new vectors of zeros, as long as θ",
    async run({ make }) {
      const network = await make();
      network.vector().fromArray(network.theta.toArray());
      return difference(network.vector().toArray(), new Float32Array(network.theta.toArray().length), "vector()");
    },
  },
  {
    name: "vector operations",
    must: "compute with vectors as plain loops do",
    run: async ({ make }) => wrongOperation(await make()),
  },
  {
    name: "canonical order",
    must: "give a vector's values back bit by bit, in arrays of the caller's own",
    run: async ({ make }) => wrongRoundTrip(await make()),
  },
  {
    name: "θ itself",
    must: "answer by the parameters that theta holds at the time",
    async run({ make }) {
      const [network, other] = [await make(), await make()];
      const queries = someExamples(5, network);
      other.descend(queries, 0.5);
      const before = network.theta.toArray();
      const logits = network.logits(queries);
      network.theta.fromArray(other.theta.toArray());
      const found = difference(network.logits(queries), other.logits(queries), "logits");
      if (found) return `with another network's θ, ${found}`;
      const away = network.vector();
      away.fromArray(before);
      network.theta.swap(away);
      return difference(network.logits(queries), logits, "logits");
    },
  },
  {
    name: "gradient",
    must: "answer the gradient of its loss (judged by finite differences)",
    async run({ make }) {
      const network = await make();
      return departure(network, someExamples(3, network));
    },
  },
  {
    name: "masked gradient",
    must: "take the softmax over an example's outputs only, so that others get no gradient",
    async run({ make }) {
      const network = await make();
      const examples = someExamples(4, network, "some");
      return departure(network, [examples[0]]) ?? departure(network, examples);
    },
  },
  ...targetChecks,
  ...descentChecks,
  ...fastPathChecks,
  ...backwardChecks,
  ...featureChecks,
  {
    name: "batched queries",
    must: "answer a query alike in whatever batch it comes",
    async run({ make }) {
      const network = await make();
      const queries = someExamples(70, network, "some");
      const answered = (size: number) => {
        const answers = { predict: [] as number[], logits: [] as number[], features: [] as number[] };
        for (let i = 0; i < queries.length; i += size)
          for (const call of ["predict", "logits", "features"] as const)
            answers[call].push(...network[call](queries.slice(i, i + size)));
        return answers;
      };
      const whole = answered(queries.length);
      for (const size of [1, 7, 64]) {
        const found = difference(answered(size), whole);
        if (found) return `in batches of ${size}, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "bytes",
    must: "take bytes for byte/255",
    async run({ make }) {
      const network = await make();
      const draw = random(15, "bytes");
      const bytes = Uint8Array.from({ length: network.inputs }, (_, i) => (i % 3 === 0 ? 0 : draw.integer(256)));
      const [a, b] = [bytes, Float32Array.from(bytes, (byte) => byte / 255)].map((x) => network.logits([{ x }]));
      const wrong = a.findIndex((z, o) => !(Math.abs(z - b[o]) <= 1e-5 * Math.max(1, Math.abs(b[o]))));
      return wrong < 0 ? undefined : `logit ${wrong} of bytes is ${a[wrong]} where that of floats is ${b[wrong]}`;
    },
  },
  {
    name: "learning",
    must: "learn XOR by descent (a linear model: a separable toy)",
    async run({ make, linear }) {
      const network = await make();
      const half = network.inputs / 2;
      const points = [0, 1, 2, 3].map((n) => ({
        x: Float32Array.from({ length: network.inputs }, (_, i) => ((i < half ? n & 1 : n >> 1) === 1 ? 1 : -1)),
        y: linear ? n & 1 : (n & 1) ^ (n >> 1),
      }));
      for (let i = 0; i < 4000; i++) {
        network.descend(points, 0.05);
        if (i % 100 === 99 && meanLoss(network, points) < 0.05) break;
      }
      const right = network.predict(points).filter((answer, n) => answer === points[n].y).length;
      return right === 4 ? undefined : `after up to 4000 steps it answers ${right} of 4 right`;
    },
  },
  {
    name: "disposal",
    must: "let itself be disposed of twice",
    async run({ make }) {
      const network = await make();
      network.dispose();
      network.dispose();
      return undefined;
    },
  },
];

/**
 * Tries a network.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkNetwork<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"network", S, N>,
  setup: NetworkSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"network">;
  await judge("network", erased, setup.options ?? {}, networkChecks, async (judged) => {
    const trial = networkTrial(judged, setup);
    return { subject: trial, part: (await trial.makeCore()).core };
  });
}
