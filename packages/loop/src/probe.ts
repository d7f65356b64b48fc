import type { Course } from "@everlearn/composition";
import { type Query, RunError } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { createRidge, type Ridge } from "./ridge.js";
import type { Reply, Step } from "./step.js";

/** The most features that a network may have: their inner products are a matrix. */
const MOST = 4096;

type ProbedCourse = Pick<Course, "name" | "seed" | "stream" | "scenario">;

/** When a network is probed, and with what. */
interface Occasion {
  /** The experience after which. */
  readonly experience: number;
  /** The tasks that are tested; all of them have come. */
  readonly tasks: readonly number[];
  /** The training examples of each task that has come that the classifier learns from, at most. */
  readonly examples: number;
  /** How many queries a request may hold. */
  readonly most: number;
}

/**
 * Judges a network's representation by a linear probe (Alain & Bengio 2017): a classifier is trained on the features of training
 * examples of all tasks so far, and its test accuracy on each task is what the features are worth. The network learns nothing.
 * @param features has the features of queries computed
 * @returns the accuracy on each task of the stream; null for those that are not tested
 * @throws RunError where a network has more features than can be probed
 */
export function* probe(
  course: ProbedCourse,
  { experience, tasks, examples, most }: Occasion,
  features: (queries: readonly Query[]) => Generator<Step, Float32Array, Reply | undefined>,
): Generator<Step, (number | null)[], Reply | undefined> {
  const { stream, scenario, seed } = course;
  let ridge: Ridge | undefined;

  /** Calls `use` with each query's features. */
  function* each(
    queries: readonly Query[],
    use: (i: number, own: Float32Array) => void,
  ): Generator<Step, void, Reply | undefined> {
    for (let from = 0; from < queries.length; from += most) {
      const some = queries.slice(from, from + most);
      const values = yield* features(some);
      const size = values.length / some.length;
      if (!(Number.isInteger(size) && size >= 1)) throw new RangeError("The run's network gave no features to probe.");
      if (size > MOST)
        throw new RunError(
          `${course.name}: the network has ${size} features, of which a probe takes ${MOST} at most; leave out "probe" in "evaluation", or name smaller features.`,
        );
      ridge ??= createRidge(size, scenario.outputs);
      some.forEach((_, i) => use(from + i, values.subarray(i * size, (i + 1) * size)));
    }
  }

  for (const { task, places } of trained(course, experience)) {
    const chosen = random(seed, "probe")
      .fork(`${experience}/${task}`)
      .permutation(places.length, Math.min(examples, places.length));
    const drawn = Array.from(chosen, (at) => {
      const [source, i] = [stream.train(places[at].experience), places[at].i];
      return { query: scenario.query(task, source.input(i)), y: scenario.answer(task, source.label(i)) };
    });
    yield* each(
      drawn.map(({ query }) => query),
      (i, own) => ridge?.add(own, drawn[i].y),
    );
  }
  const accuracy = new Array<number | null>(stream.tasks).fill(null);
  for (const task of tasks) {
    const test = stream.test(task);
    const queries = Array.from({ length: test.length }, (_, i) => scenario.query(task, test.input(i)));
    let right = 0;
    yield* each(queries, (i, own) => {
      if (ridge?.answer(own, queries[i].outputs) === scenario.answer(task, test.label(i))) right++;
    });
    accuracy[task] = right / test.length;
  }
  return accuracy;
}

/** Where the training examples of each task lie that has come up to an experience, tasks in ascending order. */
function trained(
  { stream }: ProbedCourse,
  until: number,
): { task: number; places: { experience: number; i: number }[] }[] {
  const places: { experience: number; i: number }[][] = Array.from({ length: stream.tasks }, () => []);
  for (let experience = 0; experience <= until; experience++) {
    const source = stream.train(experience);
    for (let i = 0; i < source.length; i++) places[source.task(i)].push({ experience, i });
  }
  return places.flatMap((own, task) => (own.length > 0 ? [{ task, places: own }] : []));
}
