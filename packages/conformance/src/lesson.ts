import type {
  Buffer,
  Example,
  Given,
  Learner,
  Network,
  Need,
  OptionsFor,
  OptionsSchema,
  Query,
  Scenario,
  Stream,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { toyBuffer } from "./fixtures/buffer.js";
import { toyDataset, toyStream } from "./fixtures/data.js";
import { referenceNetwork } from "./fixtures/network.js";
import { toyScenario } from "./fixtures/scenario.js";
import type { Rehearsal } from "./rehearsal.js";
import type { Judged } from "./report.js";

/** What a learner is tried with. */
export interface LearnerSetup<S extends OptionsSchema = OptionsSchema> {
  /** Options to try it with; those without a default are needed. Choose such as learn the toy data in one pass. */
  readonly options?: OptionsFor<S>;
  /** The stream to learn from; by default two tasks of four classes in 16 input values. */
  readonly stream?: Stream;
  /** The training examples taken of each experience, 120 by default. */
  readonly examples?: number;
  /** Makes the network; `referenceNetwork` by default. */
  readonly network?: (given: Given["network"]) => Network | Promise<Network>;
  /** Makes the buffer for a learner that needs one; `toyBuffer` (the last 50) by default. */
  readonly buffer?: (given: Given["buffer"]) => Buffer | Promise<Buffer>;
}

/** Something that a learner meets: examples, or a task's end. */
type Step = readonly Example[] | "end of task";

/** How a lesson is taught. */
interface Teaching {
  /** When examples carry their task's number; by default what the learner needs. */
  readonly granted?: Scenario["taskLabels"];
  /** The examples that come at a time, 1 by default. */
  readonly batch?: number;
  /** Whether the learner is told where tasks end, which takes labels and boundaries; it is by default. */
  readonly ends?: boolean;
}

/** All that a learner meets in a run. */
export interface Lesson {
  readonly scenario: Scenario;
  readonly steps: readonly Step[];
  /** The number of steps of the first experience, and its first example's task. */
  readonly first: { readonly steps: number; readonly task: number };
  /** Test queries of each task and their right answers. */
  readonly tests: readonly { readonly queries: readonly Query[]; readonly answers: readonly number[] }[];
}

/** A learner at work and all that it was handed. */
export interface Session extends Rehearsal {
  readonly learner: Learner;
  readonly network: Network;
  readonly lesson: Lesson;
  /** Learns from steps `from` to `to` without looking. */
  learn(from?: number, to?: number): void;
  /** Learns one step. */
  meet(step: Step): void;
}

/** A learner plugin and what it is tried with. */
export interface Trial {
  readonly judged: Judged<"learner">;
  /** What a run grants it: task labels where it needs them, and where it needs boundaries. */
  readonly granted: Scenario["taskLabels"];
  /** A lesson with examples, queries and inputs of its own. */
  readonly lesson: (taught?: Teaching) => Lesson;
  readonly start: (lesson?: Lesson, options?: object) => Promise<Session>;
}

function lessonOf(stream: Stream, count: number, { granted: taskLabels, batch, ends }: Required<Teaching>): Lesson {
  const scenario = toyScenario({ taskLabels }, { stream });
  const steps: Step[] = [];
  const tests: { queries: Query[]; answers: number[] }[] = [];
  let first: Lesson["first"] | undefined;
  for (let experience = 0; experience < stream.experiences; experience++) {
    const train = stream.train(experience);
    const examples = Array.from({ length: Math.min(count, train.length) }, (_, i) =>
      scenario.example(train.task(i), train.input(i), train.label(i)),
    );
    for (let i = 0; i < examples.length; i += batch) steps.push(examples.slice(i, i + batch));
    if (ends && stream.boundaries && taskLabels !== "never") steps.push("end of task");
    first ??= { steps: steps.length, task: train.task(0) };
  }
  for (let task = 0; task < stream.tasks; task++) {
    const test = stream.test(task);
    const places = Array.from({ length: Math.min(100, test.length) }, (_, i) => i);
    tests.push({
      queries: places.map((i) => scenario.query(task, test.input(i))),
      answers: places.map((i) => scenario.answer(task, test.label(i))),
    });
  }
  if (!first) throw new RangeError("A learner is tried on a stream with at least one experience.");
  return { scenario, steps, first, tests };
}

/** Prepares the trials of a learner. */
export function trial(judged: Judged<"learner">, setup: LearnerSetup): Trial {
  const needs = (need: Need) => judged.needs.includes(need);
  const makeStream = () =>
    setup.stream ?? toyStream({ tasks: 2 }, { dataset: toyDataset(), random: random(7, "stream") });
  const makeNetwork = setup.network ?? ((given) => referenceNetwork({}, given));
  const makeBuffer = setup.buffer ?? ((given) => toyBuffer({}, given));
  const training = needs("taskLabels") || needs("boundaries") ? "training" : "never";
  const granted = needs("testTaskLabels") ? "always" : training;
  const stream = makeStream();
  const lesson: Trial["lesson"] = (taught) =>
    lessonOf(stream, setup.examples ?? 120, { granted, batch: 1, ends: true, ...taught });
  const inputs = stream.shape.reduce((product, side) => product * side, 1);

  return {
    judged,
    granted,
    lesson,
    async start(given = lesson(), options) {
      const seeds = random(3);
      const own = { network: seeds.fork("network"), buffer: seeds.fork("buffer"), learner: seeds.fork("learner") };
      const { outputs } = given.scenario;
      const { shape } = stream;
      const network = await makeNetwork({ inputs, shape, outputs, folder: undefined, random: own.network });
      const buffer = needs("buffer") ? await makeBuffer({ random: own.buffer }) : undefined;
      const parts = { network, random: own.learner, ...(buffer && { buffer }) } as Given["learner"];
      const learner = await (options
        ? judged.plugin.create(options as ReturnType<typeof judged.options>, parts)
        : judged.create(parts));
      const stateful = { learner, network, ...(buffer && { buffer }), ...prefixed(own) };
      const some = given.tests.flatMap(({ queries }) => queries.slice(0, 2));
      const meet = (step: Step) => {
        if (step === "end of task") learner.endTask?.();
        else learner.observe(step);
      };
      return {
        learner,
        network,
        lesson: given,
        steps: given.steps.length,
        meet,
        learn(from = 0, to = given.steps.length) {
          for (const step of given.steps.slice(from, to)) meet(step);
        },
        step(i) {
          meet(given.steps[i]);
          const look = i % 20 === 19 || i === given.steps.length - 1;
          return { ...(look && { theta: network.theta.toArray() }), predictions: learner.predict(some) };
        },
        save: () => Object.fromEntries(Object.entries(stateful).map(([name, part]) => [name, part.save()])),
        load(state) {
          const saved = state as Record<string, ReturnType<Learner["save"]>>;
          for (const [name, part] of Object.entries(stateful)) part.load(saved[name]);
        },
      };
    },
  };
}

const prefixed = <T>(generators: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(generators).map(([name, value]) => [`${name}'s generator`, value]));

/** The fraction of a task's queries that the learner answers right. */
export function accuracy({ learner, lesson }: Session, task: number): number {
  const { queries, answers } = lesson.tests[task];
  const chosen = learner.predict(queries);
  return answers.filter((answer, i) => chosen[i] === answer).length / answers.length;
}

/** All of a lesson's queries. */
export const allQueries = ({ tests }: Lesson): Query[] => tests.flatMap(({ queries }) => queries);
