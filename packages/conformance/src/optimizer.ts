import type {
  Dependencies,
  Need,
  Network,
  Optimizer,
  OptionsFor,
  OptionsSchema,
  Parts,
  Plugin,
  Stateful,
  Vector,
} from "@everlearn/contracts";
import { completeNetwork } from "@everlearn/network";
import { random } from "@everlearn/random";
import type { AnyPlugin, Check, Judged } from "./check.js";
import { difference } from "./difference.js";
import { referenceNetwork } from "./fixtures/network.js";
import { sgd } from "./fixtures/plain.js";
import { meanLoss } from "./loss.js";
import { off } from "./near.js";
import { gradientOf, vectorOf } from "./network-trial.js";
import { rehearsalChecks } from "./rehearsal.js";
import { judge } from "./report.js";
import { madeOf, together } from "./state.js";
import { someExamples, someTerms } from "./terms.js";
import { watch } from "./watch.js";

/** What an optimizer is tried with. */
export interface OptimizerSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** The rate at which it is to learn a toy, 0.01 by default. */
  readonly rate?: number;
  /** Makes the network whose θ it moves; `referenceNetwork` by default. */
  readonly network?: (given: Dependencies<"network">) => Parts["network"] | Promise<Parts["network"]>;
  /** Makes the optimizer that one made of another is given; plain SGD by default. */
  readonly of?: (given: Dependencies<"optimizer">) => Optimizer | Promise<Optimizer>;
}

/** A network and the optimizer that moves it. */
interface Pair {
  /** The network with the optimizer's steps. */
  readonly network: Network;
  readonly optimizer: Optimizer;
  /** The states of the network, of the optimizer and of the one that it is made of. */
  readonly state: Stateful;
}

interface Trial {
  readonly judged: Judged<"optimizer">;
  readonly rate: number;
  readonly make: (options?: object) => Promise<Pair>;
}

const thetaOf = ({ network }: Pair) => network.theta.toArray();

/** The rates that parameters have in turn. */
const rates = [0, 0.004, 0.016];

/** A rate for each parameter. */
const ratesOf = (network: Network): Vector =>
  vectorOf(
    network,
    network.theta.toArray().map((_, i) => rates[i % 3]),
  );

/** Makes an optimizer's step `i`, such that its memory of earlier ones matters: gradients and rates of many sizes. */
function step({ network }: Pair, i: number): number {
  const batch = someTerms(60, network, { weighted: true }).slice(2 * (i % 30), 2 * (i % 30) + 1 + (i % 2));
  if (i % 5 === 4) network.step(vectorOf(network, gradientOf(network, batch)), i % 2 === 0 ? 0.01 : ratesOf(network));
  return network.descend(batch, i % 2 === 0 ? 0.02 : 0.01, i % 3 === 1 ? { clip: 0.1 } : {});
}

/** A pair whose optimizer has made some steps. */
async function warm({ make }: Trial): Promise<Pair> {
  const pair = await make();
  for (let i = 0; i < 6; i++) step(pair, i);
  return pair;
}

/** What every optimizer must do. */
export const optimizerChecks: readonly Check<Trial>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock",
    async run(trial) {
      const used = await watch(async () => {
        const { optimizer } = await warm(trial);
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
      const pair = await make(options);
      for (let i = 0; i < 6; i++) step(pair, i);
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "inputs unchanged",
    must: "leave gradients and rates as they are",
    async run({ make }) {
      const { network, optimizer } = await make();
      const gradient = vectorOf(network, gradientOf(network, someTerms(10, network)));
      const seen = () => ({ gradient: gradient.toArray(), rates: own.toArray() });
      const own = ratesOf(network);
      const before = seen();
      for (const rate of [0.01, own, 0.02]) optimizer.update(network.theta, gradient, rate);
      return difference(seen(), before);
    },
  },
  ...rehearsalChecks<Trial>(async ({ make }) => {
    const pair = await make();
    return { steps: 30, step: (i) => [step(pair, i), thetaOf(pair)], ...pair.state };
  }),
  {
    name: "rates",
    must: "step by a vector of rates as by numbers, each parameter at its own",
    async run(trial) {
      const moved: Float32Array[] = [];
      for (const rate of [...rates, undefined]) {
        const pair = await warm(trial);
        const { network } = pair;
        const gradient = vectorOf(network, gradientOf(network, someExamples(4, network)));
        network.step(gradient, rate ?? ratesOf(network));
        moved.push(thetaOf(pair));
      }
      const [last] = moved.slice(rates.length);
      return off(
        last,
        last.map((_, i) => moved[i % 3][i]),
        1e-6,
        "θ",
      );
    },
  },
  {
    name: "rate 0",
    must: "leave θ where it is at rate 0, a number or a vector",
    async run(trial) {
      const pair = await warm(trial);
      const { network } = pair;
      const gradient = vectorOf(network, gradientOf(network, someExamples(4, network)));
      const before = thetaOf(pair);
      for (const rate of [0, network.vector()]) {
        network.step(gradient, rate);
        const found = off(thetaOf(pair), before, 0, "θ");
        if (found) return typeof rate === "number" ? found : `by a vector of zeros, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "divergence",
    must: "let it be seen that training diverged: a gradient of NaN makes θ not finite",
    async run(trial) {
      const pair = await warm(trial);
      const { network } = pair;
      const gradient = network.vector();
      gradient.map(() => Number.NaN);
      network.step(gradient, 0.01);
      return thetaOf(pair).some((value) => !Number.isFinite(value)) ? undefined : "θ is finite";
    },
  },
  {
    name: "learning",
    must: "learn: bring the loss of some examples down to a tenth",
    async run({ make, rate }) {
      const { network } = await make();
      const batch = someExamples(6, network);
      const before = meanLoss(network, batch);
      for (let i = 0; i < 2000; i++) {
        network.descend(batch, rate);
        if (i % 50 === 49 && meanLoss(network, batch) <= before / 10) return undefined;
      }
      return `after 2000 steps at rate ${rate} it is ${meanLoss(network, batch).toFixed(3)} where it was ${before.toFixed(3)}`;
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
    const makeOf = setup.of ?? (() => sgd);
    const make: Trial["make"] = async (options) => {
      const size = { inputs: 14, shape: [14], outputs: 6 };
      const core = await makeNetwork({ ...size, folder: undefined, random: random(1, "network") });
      const given = { vector: () => core.vector() };
      const of = await madeOf(judged.needs, () => makeOf(given));
      const optimizer = await judged.create({ ...given, ...of }, options);
      return { network: completeNetwork(core, optimizer), optimizer, state: together({ core, optimizer, ...of }) };
    };
    return { subject: { judged, rate: setup.rate ?? 0.01, make }, part: (await make()).optimizer };
  });
}
