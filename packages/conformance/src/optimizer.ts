import type { Given, Need, Network, OptionsFor, OptionsSchema, Plugin, Term, Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { unfinite } from "./descent.js";
import { copy, difference } from "./difference.js";
import { referenceNetwork } from "./fixtures/network.js";
import { meanLoss } from "./loss.js";
import { norm, off } from "./near.js";
import { everyCall } from "./network.js";
import { rehearsalChecks } from "./rehearsal.js";
import { type AnyPlugin, type Check, type Finding, judge, type Judged } from "./report.js";
import { someExamples, someTerms } from "./terms.js";
import { watch } from "./watch.js";

/** What an optimizer is tried with. */
export interface OptimizerSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** The rate at which it is to learn a toy, 0.01 by default. */
  readonly rate?: number;
  /** Makes the network that it moves; `referenceNetwork` by default. */
  readonly network?: (given: Given["network"]) => Network | Promise<Network>;
}

/** A network, and it again as the optimizer moves it. */
interface Pair {
  readonly network: Network;
  readonly optimizer: Network;
  /** θ before there was an optimizer. */
  readonly start: Float32Array;
}

interface Subject {
  readonly judged: Judged<"optimizer">;
  readonly rate: number;
  readonly make: (options?: object) => Promise<Pair>;
}

const thetaOf = (network: Network) => network.theta.toArray();

/** A step for which the optimizer's memory of earlier ones matters: gradients and rates of many sizes. */
function step({ optimizer }: Pair, batch: readonly Term[], i: number): number {
  const clip = i % 3 === 1 ? { clip: 0.1 } : undefined;
  return optimizer.descend(batch, i % 2 === 0 ? 0.02 : 0.01, clip);
}

/** How answers of the optimizer differ from the network's own. */
function othersAnswers({ network, optimizer }: Pair): Finding {
  const batch = someTerms(10, network, { weighted: true });
  const answers = (of: Network) => ({
    inputs: of.inputs,
    outputs: of.outputs,
    layers: [...of.layers],
    theta: thetaOf(of),
    gradient: of.gradient(batch).toArray(),
    loss: of.loss,
    into: of.gradient(batch, of.vector()).toArray(),
    losses: of.losses(batch),
    predict: of.predict(batch),
    logits: of.logits(batch),
    features: of.features(batch),
    gram: of.gram([of.theta, of.gradient(batch)]),
    gradientGram: of.gradientGram(batch),
  });
  return difference(answers(optimizer), answers(network));
}

/** A rate for each parameter. */
function rates(network: Network, rateOf: (i: number) => number): Vector {
  const vector = network.vector();
  vector.fromArray(thetaOf(network).map((_, i) => rateOf(i)));
  return vector;
}

/** What every optimizer must do. */
export const optimizerChecks: readonly Check<Subject>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock",
    async run({ make }) {
      const used = await watch(async () => {
        const { optimizer } = await make();
        everyCall(optimizer, someTerms(10, optimizer));
        optimizer.load(optimizer.save());
      });
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ make, judged }) {
      const options = judged.options();
      const { optimizer } = await make(options);
      everyCall(optimizer, someTerms(10, optimizer));
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "inputs unchanged",
    must: "leave terms, gradients and rates as they are",
    async run({ make }) {
      const { optimizer } = await make();
      const batch = someTerms(10, optimizer, { weighted: true });
      const vectors = [optimizer.gradient(batch), rates(optimizer, (i) => (i % 3) / 100)] as const;
      const seen = () => ({ batch, gradient: vectors[0].toArray(), rates: vectors[1].toArray() });
      const before = copy(seen());
      everyCall(optimizer, batch);
      for (const rate of [0.01, vectors[1]]) optimizer.step(vectors[0], rate);
      return difference(seen(), before);
    },
  },
  ...rehearsalChecks<Subject>(async ({ make }) => {
    const pair = await make();
    const { optimizer } = pair;
    const terms = someTerms(60, optimizer, { weighted: true });
    const vector = rates(optimizer, (i) => (i % 3) / 100);
    return {
      steps: 30,
      step(i) {
        const batch = terms.slice(2 * i, 2 * i + 1 + (i % 2));
        if (i % 5 === 4) optimizer.step(optimizer.gradient(batch), i % 2 === 0 ? 0.01 : vector);
        return [step(pair, batch, i), thetaOf(optimizer)];
      },
      save: () => optimizer.save(),
      load: (state) => optimizer.load(state),
    };
  }),
  {
    name: "the network itself",
    must: "move the θ of the network that it is given, and answer all else as that network does",
    async run({ make }) {
      const pair = await make();
      const { network, optimizer, start } = pair;
      const first = difference(thetaOf(network), start, "θ") ?? othersAnswers(pair);
      if (first) return `before any step, ${first}`;
      for (const [i, term] of someTerms(4, network).entries()) step(pair, [term], i);
      if (!difference(thetaOf(network), start)) return "after four steps the network's θ is as it was";
      const later = othersAnswers(pair);
      if (later) return `after four steps, ${later}`;
      optimizer.theta.times(0.5);
      return difference(thetaOf(network), thetaOf(optimizer), "after its θ was changed, the network's θ");
    },
  },
  {
    name: "descent",
    must: "descend as it steps along the batch's gradient, which clip scales down",
    async run({ make }) {
      const [one, other] = [await make(), await make()];
      const terms = someTerms(30, one.network, { weighted: true });
      for (let i = 0; i < 8; i++) {
        const batch = terms.slice(3 * i, 3 * i + 1 + (i % 3));
        const gradient = other.optimizer.gradient(batch);
        const long = norm(gradient.toArray());
        const share = [0.1, 10, undefined][i % 3];
        one.optimizer.descend(batch, 0.01, share === undefined ? {} : { clip: share * long });
        if (share !== undefined && share < 1) gradient.times(share);
        other.optimizer.step(gradient, 0.01);
        const found = off(thetaOf(one.network), thetaOf(other.network), 1e-5, "θ");
        const limit = share === undefined ? "no clip" : `clip at ${share} of the gradient's length`;
        if (found) return `after ${i + 1} steps, the last with ${limit}, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "loss",
    must: "answer the mean of weight · loss before the step",
    async run({ make }) {
      const { optimizer } = await make();
      const terms = someTerms(30, optimizer, { weighted: true });
      for (let i = 0; i < 6; i++) {
        const batch = terms.slice(5 * i, 5 * i + 1 + (i % 3));
        const before = meanLoss(optimizer, batch);
        const loss = optimizer.descend(batch, 0.01);
        if (!(Math.abs(loss - before) <= 1e-4 * Math.max(1, before)))
          return `descend answered ${loss} where the mean of weight · loss of ${batch.length} was ${before}`;
      }
      return undefined;
    },
  },
  {
    name: "rates",
    must: "step by a vector of rates as by numbers, each parameter at its own",
    async run({ make }) {
      const numbers = [0, 0.004, 0.016];
      const pairs = await Promise.all([...numbers, undefined].map(() => make()));
      const terms = someTerms(20, pairs[0].network);
      for (const pair of pairs) for (let i = 0; i < 4; i++) step(pair, terms.slice(4 * i, 4 * i + 2), i);
      const gradient = (pair: Pair) => pair.optimizer.gradient(terms.slice(16));
      const moved = numbers.map((rate, k) => {
        pairs[k].optimizer.step(gradient(pairs[k]), rate);
        return thetaOf(pairs[k].network);
      });
      const last = pairs[numbers.length];
      const start = thetaOf(last.network);
      last.optimizer.step(
        gradient(last),
        rates(last.network, (i) => numbers[i % 3]),
      );
      const expected = start.map((_, i) => moved[i % 3][i]);
      return off(thetaOf(last.network), expected, 1e-6, "θ") ?? off(moved[0], start, 0, "at rate 0, θ");
    },
  },
  {
    name: "divergence",
    must: "throw a DivergedError where the loss is not finite",
    async run({ make }) {
      for (const count of [1, 3]) {
        const { optimizer } = await make();
        optimizer.theta.map(() => Number.NaN);
        const { threw, finding } = unfinite(() => optimizer.descend(someExamples(count, optimizer), 0.01));
        if (finding) return `where θ is NaN, ${finding}`;
        if (!threw) return "where θ is NaN, descend answered";
      }
      return undefined;
    },
  },
  {
    name: "learning",
    must: "descend: bring the loss of some examples down to a tenth",
    async run({ make, rate }) {
      const { optimizer } = await make();
      const batch = someExamples(6, optimizer);
      const before = meanLoss(optimizer, batch);
      for (let i = 0; i < 2000; i++) {
        optimizer.descend(batch, rate);
        if (i % 50 === 49 && meanLoss(optimizer, batch) <= before / 10) return undefined;
      }
      return `after 2000 steps at rate ${rate} it is ${meanLoss(optimizer, batch).toFixed(3)} where it was ${before.toFixed(3)}`;
    },
  },
  {
    name: "disposal",
    must: "let itself be disposed of twice",
    async run({ make }) {
      const { optimizer } = await make();
      optimizer.dispose();
      optimizer.dispose();
      return undefined;
    },
  },
];

/**
 * Tries an optimizer.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkOptimizer<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"optimizer", S, N>,
  setup: OptimizerSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"optimizer">;
  await judge("optimizer", erased, setup.options ?? {}, optimizerChecks, async (judged) => {
    const makeNetwork = setup.network ?? ((given) => referenceNetwork({}, given));
    const subject: Subject = {
      judged,
      rate: setup.rate ?? 0.01,
      async make(options = judged.options()) {
        const size = { inputs: 14, shape: [14], outputs: 6 };
        const network = await makeNetwork({ ...size, folder: undefined, random: random(1, "network") });
        const given = options as ReturnType<typeof judged.options>;
        const start = thetaOf(network);
        return { network, start, optimizer: await judged.plugin.create(given, { network }) };
      },
    };
    return { subject, part: (await subject.make()).optimizer };
  });
}
