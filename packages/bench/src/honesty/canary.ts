import { rmSync } from "node:fs";
import type { Course } from "@everlearn/composition";
import type { Experience, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { type Result, unpackPredictions } from "@everlearn/records";
import { runCourse } from "@everlearn/runner";
import type { CheckedResult, Trial } from "./trial.js";

/** What was found of a learner that was taught wrong labels for some classes. */
export interface CanaryFinding {
  readonly passed: boolean;
  readonly seed: number;
  /** Decides which classes have each other's labels. */
  readonly secret: number;
  /** The last evaluation's accuracy on the exchanged classes by the labels that were taught; null where it did not finish. */
  readonly taught: number | null;
  /** The same by the true labels, which were not. */
  readonly untaught: number | null;
  /** How much more `untaught` may be than `taught`: four standard errors over classes of tasks. */
  readonly tolerance: number;
  /**
   * How often the run itself takes one of these classes for the other: about as often as a learner that knows nothing but
   * what it was taught answers what it was not. Null where the run has no answers; absent in findings written before this was looked at.
   */
  readonly confused?: number | null;
  /** How much more `untaught` may be than `confused`: four standard errors over classes of tasks. */
  readonly confusedTolerance?: number;
}

/**
 * Trains the learner where two classes of each task have each other's labels, in training only. To a learner that has
 * the labels from its examples, that is a run like any other: it answers as it was taught. One that has them from
 * elsewhere answers what is true.
 */
export async function checkCanary(
  trial: Trial,
  run: CheckedResult,
): Promise<{ finding: CanaryFinding; handed: Result["taskLabels"] }> {
  const { secret } = trial;
  const { seed } = run;
  const honest = await trial.course(seed);
  const course = { ...honest, stream: withExchangedLabels(honest.stream, secret) };
  const directory = trial.folder(`canary-${seed}`);
  rmSync(directory, { recursive: true, force: true }); // one that was stopped had another secret
  try {
    const { signal, onProgress } = trial;
    const result = await runCourse(course, () => trial.start(course), {
      directory,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    return { finding: { seed, secret, ...judged(course, result, run, secret) }, handed: result.taskLabels };
  } finally {
    await course.dispose();
  }
}

/** The two places in a list of so many classes that have each other's labels. */
function exchanged(classes: number, secret: number): readonly [number, number] {
  const [a, b = a] = random(secret, "canary").fork(classes).permutation(classes, Math.min(2, classes));
  return [a, b];
}

/** The label that is taught in the place of a true one. Tasks with equally many classes exchange the same. */
function taughtLabel(label: number, classes: number, secret: number): number {
  const [a, b] = exchanged(classes, secret);
  if (label === a) return b;
  return label === b ? a : label;
}

function withExchangedLabels(stream: Stream, secret: number): Stream {
  const classes = Array.from({ length: stream.tasks }, (_, task) => stream.classesOf(task).length);
  const taught = classes.map((count) => Array.from({ length: count }, (_, label) => taughtLabel(label, count, secret)));
  return {
    ...stream,
    train(experience): Experience {
      const source = stream.train(experience);
      return {
        length: source.length,
        task: (i) => source.task(i),
        input: (i, into) => source.input(i, into),
        label: (i) => taught[source.task(i)][source.label(i)],
      };
    },
  };
}

/** The shares of a class's test examples that were answered in these ways. */
interface Shares {
  /** By the label that the canary taught. */
  readonly taught: number;
  /** By the true label. */
  readonly untaught: number;
  /** In the run itself, by the label of the class with which it was exchanged. */
  readonly confused: number;
}

/**
 * Compares the last evaluation's answers with the taught and with the true labels, for each exchanged class, and with the
 * run's own. To a learner that has the labels from its examples the classes only change names, so that it answers the true
 * label as often as it takes the one class for the other in the run itself, which may be often where it has forgotten them.
 */
function judged(
  course: Course,
  { predictions }: Result,
  run: CheckedResult,
  secret: number,
): Omit<CanaryFinding, "seed" | "secret"> {
  const answers = answersOf(predictions);
  const own = answersOf(run.predictions);
  const found = answers === undefined ? [] : sharesOf(course, answers, own, secret);
  if (found.length === 0)
    return { passed: true, taught: null, untaught: null, tolerance: 0, confused: null, confusedTolerance: 0 };
  const taught = mean(found.map((one) => one.taught));
  const untaught = mean(found.map((one) => one.untaught));
  const more = compare(found.map((one) => one.untaught - one.taught));
  const { tolerance } = more;
  if (own === undefined) return { passed: more.within, taught, untaught, tolerance, confused: null };
  const moreThanConfused = compare(found.map((one) => one.untaught - one.confused));
  return {
    passed: more.within && moreThanConfused.within,
    ...{ taught, untaught, tolerance },
    confused: mean(found.map((one) => one.confused)),
    confusedTolerance: moreThanConfused.tolerance,
  };
}

function answersOf(predictions: Result["predictions"]): Uint16Array | undefined {
  const bytes = predictions && unpackPredictions(predictions);
  return bytes && new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function sharesOf(
  { stream, scenario }: Course,
  answers: Uint16Array,
  own: Uint16Array | undefined,
  secret: number,
): Shares[] {
  const found: Shares[] = [];
  let start = 0;
  for (let task = 0; task < stream.tasks; task++) {
    const first = start;
    const test = stream.test(task);
    const classes = stream.classesOf(task).length;
    const [a, b] = exchanged(classes, secret);
    for (const label of a === b ? [] : [a, b]) {
      const places = Array.from({ length: test.length }, (_, i) => i).filter((i) => test.label(i) === label);
      if (places.length === 0) continue;
      const other = scenario.answer(task, taughtLabel(label, classes, secret));
      const share = (of: Uint16Array | undefined, answer: number) =>
        places.filter((i) => of?.[first + i] === answer).length / places.length;
      found.push({
        taught: share(answers, other),
        untaught: share(answers, scenario.answer(task, label)),
        confused: share(own, other),
      });
    }
    start += test.length;
  }
  return found;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Whether differences are 0 or less in the mean, as far as so few of them can tell. */
function compare(differences: readonly number[]): { readonly within: boolean; readonly tolerance: number } {
  const difference = mean(differences);
  const variance = mean(differences.map((one) => (one - difference) ** 2));
  const tolerance = Math.max(LEAST, 4 * Math.sqrt(variance / differences.length));
  return { within: difference <= tolerance, tolerance };
}

/** The least tolerance: where a learner has forgotten all of a task, chance decides between two classes. */
const LEAST = 0.1;
