import type { Example, Learner, Network, OptionsFor, Plugin, Query, Random, Term } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { sigmoid } from "@everlearn/softmax";
import { herding, mean, normalised } from "./herding.js";
import { nearestMean } from "./nearest-mean.js";

const options = {
  alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate α." },
  replay: {
    type: "integer",
    minimum: 0,
    description: "The number of exemplars replayed with each batch.",
  },
  exemplarsPerClass: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "The number m of exemplars of each class; 0: `budget` decides.",
  },
  budget: {
    type: "integer",
    minimum: 0,
    default: 0,
    description:
      "The number K of exemplars of all classes, ⌊K/classes so far⌋ of each; 0: `exemplarsPerClass` decides.",
  },
  candidates: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "How many of the first examples of each of a task's classes may become exemplars; 0: all of them.",
  },
} as const;

/**
 * iCaRL, Rebuffi et al. 2017. Each batch makes one step together with `replay` exemplars, on the binary cross-entropy of
 * each output: the label is the target for classes of the present task, what the network answered before the task for
 * earlier ones. When a task ends, its classes' exemplars are chosen by herding. The answer is the class whose exemplars'
 * mean features are nearest.
 * @throws RangeError if both or neither of `exemplarsPerClass` and `budget` are given, or the budget is too small.
 */
export function icarl(
  given: OptionsFor<typeof options>,
  { network, random }: { network: Network; random: Random },
): Learner {
  const { alpha, replay, exemplarsPerClass, budget, candidates } = withDefaults(options, given);
  const { theta, outputs } = network;
  assertExemplars(exemplarsPerClass, budget, outputs);
  const old = network.vector(); // θ at the end of the last task
  let exemplars: Example[][] = Array.from({ length: outputs }, () => []); // P, of each class
  let met: Example[][] = Array.from({ length: outputs }, () => []); // the present task's candidates, of each class
  let means: (Float64Array | undefined)[] | undefined;

  const features = (queries: readonly Query[]) => normalised(network.features(queries), queries.length);
  const isPast = (c: number): boolean => exemplars[c].length > 0;
  const isPresent = (c: number): boolean => met[c].length > 0;
  const isKnown = (c: number): boolean => isPast(c) || isPresent(c);

  /** Each output's sigmoid in the network as it was before the present task. */
  function before(examples: readonly Example[]): Float32Array {
    theta.swap(old);
    const answers = network.logits(examples).map((z) => sigmoid(z));
    theta.swap(old);
    return answers;
  }

  /** The examples with a target for each class that has come so far. */
  function withTargets(examples: readonly Example[]): Term[] {
    const answers = exemplars.some((_, c) => isPast(c)) ? before(examples) : undefined;
    const known = exemplars.flatMap((_, c) => (isKnown(c) ? [c] : []));
    return examples.map(({ x, y, outputs: own }, i) => {
      const sigmoids = new Float32Array(outputs);
      for (const c of known) sigmoids[c] = isPresent(c) || !answers ? Number(c === y) : answers[i * outputs + c];
      return { x, outputs: own ? known.filter((c) => own.includes(c)) : known, sigmoids };
    });
  }

  return {
    observe(batch) {
      for (const example of batch) {
        const own = met[example.y];
        if (candidates === 0 || own.length < candidates) own.push(example);
      }
      const all = exemplars.flat();
      const draws = Array.from({ length: Math.min(replay, all.length) }, () => all[random.integer(all.length)]);
      network.descend(withTargets([...batch, ...draws]), alpha);
      means = undefined;
    },
    endTask() {
      const classes = exemplars.filter((_, c) => isKnown(c)).length;
      const m = exemplarsPerClass || Math.floor(budget / classes);
      exemplars = exemplars.map((own, c) => {
        if (!isPresent(c)) return own.slice(0, m);
        const choice = [...own, ...met[c]];
        return herding(features(choice), m).map((i) => choice[i]);
      });
      old.set(theta);
      met = met.map(() => []);
      means = undefined;
    },
    predict(queries) {
      if (!exemplars.some((_, c) => isPast(c))) return network.predict(queries);
      const centers = (means ??= exemplars.map((own) => (own.length > 0 ? mean(features(own)) : undefined)));
      const at = features(queries);
      return Uint16Array.from(queries, (query, i) => {
        const nearest = nearestMean(at[i], centers, query.outputs);
        return nearest >= 0 ? nearest : network.predict([query])[0];
      });
    },
    save: () => ({ old: old.toArray(), exemplars: copies(exemplars), met: copies(met) }),
    load(state) {
      const saved = state as { old: Float32Array } & Readonly<Record<"exemplars" | "met", readonly Example[][]>>;
      old.fromArray(saved.old);
      exemplars = copies(saved.exemplars);
      met = copies(saved.met);
      means = undefined;
    },
  };
}

const copies = (lists: readonly (readonly Example[])[]): Example[][] => lists.map((own) => [...own]);

function assertExemplars(exemplarsPerClass: number, budget: number, classes: number): void {
  if (exemplarsPerClass > 0 === budget > 0)
    throw new RangeError(
      `learner-icarl keeps exemplarsPerClass or a budget of exemplars, but ${budget > 0 ? "both are" : "neither is"} given; set one of them above 0.`,
    );
  if (budget > 0 && budget < classes)
    throw new RangeError(
      `A budget of ${budget} leaves no exemplar for each of ${classes} classes; use a budget of at least ${classes}.`,
    );
}

const plugin: Plugin<"learner", typeof options, "network" | "boundaries"> = {
  kind: "learner",
  name: "icarl",
  contract: 2,
  description: "iCaRL: exemplars chosen by herding, nearest-mean answers, binary cross-entropy with distillation.",
  paper: "arXiv:1611.07725",
  options,
  needs: ["network", "boundaries"],
  create: icarl,
};
export default plugin;
