import { rmSync } from "node:fs";
import type { Course } from "@everlearn/composition";
import type { Experience, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { type Result, unpackPredictions } from "@everlearn/records";
import { runCourse } from "@everlearn/runner";
import type { Trial } from "./trial.js";

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
}

/**
 * Trains the learner where two classes of each task have each other's labels, in training only. To a learner that has
 * the labels from its examples, that is a run like any other: it answers as it was taught. One that has them from
 * elsewhere answers what is true.
 */
export async function checkCanary(
  trial: Trial,
  seed: number,
): Promise<{ finding: CanaryFinding; handed: Result["taskLabels"] }> {
  const { secret } = trial;
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
    return { finding: { seed, secret, ...judged(course, result, secret) }, handed: result.taskLabels };
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

/** Compares the last evaluation's answers with the taught and with the true labels, for each exchanged class. */
function judged(
  { stream, scenario }: Course,
  { predictions }: Result,
  secret: number,
): Pick<CanaryFinding, "passed" | "taught" | "untaught" | "tolerance"> {
  const bytes = predictions && unpackPredictions(predictions);
  if (!bytes) return { passed: true, taught: null, untaught: null, tolerance: 0 };
  const answers = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const found: { taught: number; untaught: number }[] = [];
  let start = 0;
  for (let task = 0; task < stream.tasks; task++) {
    const test = stream.test(task);
    const classes = stream.classesOf(task).length;
    const [a, b] = exchanged(classes, secret);
    for (const label of a === b ? [] : [a, b]) {
      const places = Array.from({ length: test.length }, (_, i) => i).filter((i) => test.label(i) === label);
      if (places.length === 0) continue;
      const share = (right: number) =>
        places.filter((i) => answers[start + i] === scenario.answer(task, right)).length / places.length;
      found.push({ taught: share(taughtLabel(label, classes, secret)), untaught: share(label) });
    }
    start += test.length;
  }
  if (found.length === 0) return { passed: true, taught: null, untaught: null, tolerance: 0 };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const taught = mean(found.map((one) => one.taught));
  const untaught = mean(found.map((one) => one.untaught));
  const more = found.map((one) => one.untaught - one.taught);
  const variance = mean(more.map((value) => (value - (untaught - taught)) ** 2));
  const tolerance = Math.max(LEAST, 4 * Math.sqrt(variance / found.length));
  return { passed: untaught - taught <= tolerance, taught, untaught, tolerance };
}

/** The least tolerance: where a learner has forgotten all of a task, chance decides between two classes. */
const LEAST = 0.1;
