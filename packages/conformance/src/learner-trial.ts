import {
  type Buffer,
  type CreateNetwork,
  type Dependencies,
  type DifferentiableNetwork,
  type Learner,
  type Need,
  type Network,
  type OptionsFor,
  type OptionsSchema,
  type Parts,
  type Scenario,
  type Size,
  type Stateful,
  type Stream,
  unaugmented,
} from "@everlearn/contracts";
import { completeNetwork } from "@everlearn/network";
import { random } from "@everlearn/random";
import type { Judged } from "./check.js";
import { toyBuffer } from "./fixtures/buffer.js";
import { toyDataset, toyStream } from "./fixtures/data.js";
import { referenceNetwork } from "./fixtures/network.js";
import { onlineLearner } from "./fixtures/plain.js";
import { allQueries, type Lesson, lessonOf, type Step, type Teaching } from "./lesson.js";
import type { Rehearsal } from "./rehearsal.js";
import { madeOf, together } from "./state.js";

/** What a learner is tried with. */
export interface LearnerSetup<S extends OptionsSchema = OptionsSchema> {
  /** Options to try it with; those without a default are needed. Choose such as learn the toy data in one pass. */
  readonly options?: OptionsFor<S>;
  /** The stream to learn from; by default two tasks of four classes in 4 × 4 × 1 input values. */
  readonly stream?: Stream;
  /** The training examples taken of each experience, 120 by default. */
  readonly examples?: number;
  /** Makes the networks for a learner that needs one; `referenceNetwork` by default. */
  readonly network?: (given: Dependencies<"network">) => Parts["network"] | Promise<Parts["network"]>;
  /** Makes the buffer for a learner that needs one; `toyBuffer` (the last 50) by default. */
  readonly buffer?: (given: Dependencies<"buffer">) => Buffer | Promise<Buffer>;
  /** Makes the learner that one made of another is given, on the same network; plain SGD on what comes by default. */
  readonly of?: (given: Dependencies<"learner"> & { readonly network: Network }) => Learner | Promise<Learner>;
}

/** A learner at work and everything that it was handed. */
export interface Session extends Rehearsal {
  readonly learner: Learner;
  readonly lesson: Lesson;
  /** The θ of each of its networks, by the network's name; none where it has no network. */
  thetas(): Readonly<Record<string, Float32Array>>;
  /** What learning changes: the θ of its networks; where it has none, its state and its buffer's. */
  learnt(): unknown;
  /** Learns from steps `from` to `to` without looking. */
  learn(from?: number, to?: number): void;
  /** Learns one step. */
  meet(step: Step): void;
}

/** A learner plugin and what it is tried with. */
export interface LearnerTrial {
  readonly judged: Judged<"learner">;
  /** A lesson with examples, queries and inputs of its own; by default with what the learner needs, an example at a time. */
  readonly lesson: (taught?: Partial<Teaching>) => Lesson;
  readonly start: (lesson?: Lesson, options?: object) => Promise<Session>;
  /** Ends what learners have started, such as processes. */
  readonly dispose: () => Promise<void>;
}

/** Everything that a learner is handed, as it is needed. */
interface Handed {
  readonly given: Partial<Dependencies<"learner", Need>>;
  /** Its networks, by the names of their θ. */
  readonly networks: Readonly<Record<string, Network>>;
  /** All that a run saves beside the learner. */
  readonly stateful: Readonly<Record<string, Stateful>>;
}

/** Makes what a learner needs. */
async function handed(needs: readonly Need[], setup: LearnerSetup, size: Size): Promise<Handed> {
  const makeNetwork = setup.network ?? ((given) => referenceNetwork({}, given));
  const seeds = random(3);
  const networks: Record<string, Network> = {};
  const stateful: Record<string, Stateful> = {};
  function generator(name: string): ReturnType<typeof random> {
    const own = seeds.fork(name);
    stateful[`${name}'s generator`] = own;
    return own;
  }
  /** Makes a network; `suffix` tells it from others, the first of which has none. */
  async function create(suffix: string, of: Size): Promise<DifferentiableNetwork> {
    const name = `network${suffix}`;
    const network = completeNetwork(await makeNetwork({ ...of, folder: undefined, random: generator(name) }));
    if (needs.includes("backward") && network.backward === undefined)
      throw new RangeError("The setup's network has no backward, which the learner needs.");
    networks[`θ${suffix}`] = network;
    stateful[name] = network;
    return network as DifferentiableNetwork;
  }
  const createNetwork: CreateNetwork<DifferentiableNetwork> = async (
    name,
    { shape = size.shape, outputs = size.outputs } = {},
  ) => {
    if (`network of ${name}` in stateful) throw new RangeError(`There is a network "${name}" already.`);
    const inputs = shape.reduce((product, side) => product * side, 1);
    return create(` of ${name}`, { shape, inputs, outputs });
  };
  const own = { ...size, random: generator("learner"), views: unaugmented };
  const trains = needs.includes("network") || needs.includes("backward");
  const network = trains ? { network: await create("", size), createNetwork } : {};
  const makeBuffer = setup.buffer ?? ((given) => toyBuffer({}, given));
  const buffer = needs.includes("buffer") ? { buffer: await makeBuffer({ ...size, random: generator("buffer") }) } : {};
  const makeOf = setup.of ?? (({ network: its }) => onlineLearner(its));
  const of = await madeOf(needs, async () => {
    const its = networks.θ ?? (await create("", size));
    return makeOf({ ...size, random: generator("other learner"), views: unaugmented, network: its });
  });
  Object.assign(stateful, buffer, of);
  return { given: { ...own, ...network, ...buffer, ...of }, networks, stateful };
}

/** Prepares the trials of a learner. */
export function learnerTrial(judged: Judged<"learner">, setup: LearnerSetup): LearnerTrial {
  const needs = (need: Need) => judged.needs.includes(need);
  const stream = setup.stream ?? toyStream({ tasks: 2 }, { dataset: toyDataset(), random: random(7, "stream") });
  const training: Scenario["taskLabels"] = needs("taskLabels") ? "training" : "never";
  const granted: Scenario["taskLabels"] = needs("testTaskLabels") ? "always" : training;
  const lesson: LearnerTrial["lesson"] = (taught) => {
    const teaching = { granted, batch: 1, ...taught };
    const told = needs("boundaries") || teaching.granted !== "never";
    return lessonOf(stream, setup.examples ?? 120, { ends: told, ...teaching });
  };

  const made: { dispose?(): void | Promise<void> }[] = [];
  return {
    judged,
    lesson,
    async dispose() {
      for (const one of made.splice(0)) await one.dispose?.();
    },
    async start(given = lesson(), options) {
      const { shape } = stream;
      const inputs = shape.reduce((product, side) => product * side, 1);
      const parts = await handed(judged.needs, setup, { shape, inputs, outputs: given.scenario.outputs });
      const learner = await judged.create(parts.given, options);
      made.push(learner as (typeof made)[number]);
      const some = given.tests.flatMap(({ queries }) => queries.slice(0, 2));
      const meet = (step: Step) => {
        if (step === "end of task") learner.endTask?.();
        else learner.observe(step);
      };
      const thetas = () =>
        Object.fromEntries(Object.entries(parts.networks).map(([name, { theta }]) => [name, theta.toArray()]));
      const state = together({ learner, ...parts.stateful });
      return {
        learner,
        lesson: given,
        steps: given.steps.length,
        meet,
        learn(from = 0, to = given.steps.length) {
          for (const step of given.steps.slice(from, to)) meet(step);
        },
        thetas,
        learnt() {
          if (Object.keys(parts.networks).length > 0) return thetas();
          return { learner: learner.save(), buffer: parts.given.buffer?.save() };
        },
        step(i) {
          meet(given.steps[i]);
          const look = i % 20 === 19 || i === given.steps.length - 1;
          return { ...(look && thetas()), predictions: learner.predict(look ? allQueries(given) : some) };
        },
        ...state,
      };
    },
  };
}

/** The fraction of a task's queries that the learner answers right. */
export function accuracy({ learner, lesson }: Session, task: number): number {
  const { queries, answers } = lesson.tests[task];
  const chosen = learner.predict(queries);
  return answers.filter((answer, i) => chosen[i] === answer).length / answers.length;
}
