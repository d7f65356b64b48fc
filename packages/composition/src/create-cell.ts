import type { Size, Stream } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import type { Cell, Course, LearnerSide } from "./cell.js";
import type { LearnerPlan, Plan } from "./plan.js";

/**
 * Creates all parts of a planned run for one seed. All randomness comes from generators named after what they are for,
 * so that at one seed every learner sees the same stream and every network of one shape begins with the same weights.
 * @throws SpecError where the parts do not fit each other
 */
export async function createCell(plan: Plan, seed: number): Promise<Cell> {
  const course = await createCourse(plan, seed);
  try {
    const learner = await createLearner(plan, seed, sizeOf(course));
    return {
      ...course,
      ...learner,
      parts: { ...learner.parts, ...course.parts },
      async dispose() {
        await learner.dispose();
        await course.dispose();
      },
    };
  } catch (error) {
    await course.dispose();
    throw error;
  }
}

/**
 * Creates what a learner is taught and tested with at one seed, without the learner: that may be in another process.
 * @throws SpecError where the parts do not fit each other
 */
export async function createCourse(plan: Plan, seed: number): Promise<Course> {
  const cellId = digest({ specId: plan.specId, seed });
  const { wireCourse } = await import("./container.js"); // it alone loads the container, which takes a tenth of a second
  const wired = await wireCourse(plan, seed);
  const { spec, specId, plugins, suite } = plan;
  const { checksum, classes, classNames, notes = {} } = plan.dataset;
  const named = classNames !== undefined && wired.stream.classes === classes; // else they are others than the data set's
  const said = Object.entries(notes).map(([subject, text]) => [`dataset ${subject}`, text] as const);
  const environment = { ...plan.environment, ...Object.fromEntries(said) };
  const { name, batchSize, evaluation } = spec;
  return {
    name,
    seed,
    spec,
    specId,
    cellId,
    plugins,
    checksum,
    ...(named ? { classNames } : {}),
    environment,
    batchSize,
    evaluation,
    ...(suite === undefined ? {} : { suite }),
    ...wired,
  };
}

/**
 * Creates a run's learner at one seed, with its networks and buffer.
 * @param size of the course's inputs and outputs
 * @throws SpecError where the parts do not fit each other
 */
export async function createLearner(plan: LearnerPlan, seed: number, size: Size): Promise<LearnerSide> {
  const { wireLearner } = await import("./container.js");
  return wireLearner(plan, seed, size);
}

/** The size of a course's inputs, and how many output units its scenario needs. */
export function sizeOf({ stream, scenario }: Pick<Course, "stream" | "scenario">): Size {
  const { shape }: Stream = stream;
  return { shape, inputs: shape.reduce((product, side) => product * side, 1), outputs: scenario.outputs };
}
