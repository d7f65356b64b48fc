import type { Dataset, OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { rearrangedTasks } from "@everlearn/examples";
import { rotation } from "./rotation.js";

const options = {
  tasks: { type: "integer", minimum: 1, default: 20, description: "The number of tasks." },
  examplesPerTask: { type: "integer", minimum: 1, default: 1000, description: "Training examples of each task." },
  maxAngle: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 360,
    default: 180,
    description: "The end of the range of angles in degrees; the part of task t begins at t·maxAngle/tasks.",
  },
  testExamples: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "Test examples of each task: a draw fixed by the seed, the same for all tasks; 0: all there are.",
  },
} as const;

/**
 * Every task shows all classes of the data set, turned counter-clockwise by an angle of the task's own, uniform in
 * [t·maxAngle/tasks, (t+1)·maxAngle/tasks) degrees (MNIST Rotations, Lopez-Paz & Ranzato 2017).
 * The angles depend on the seed and on `tasks` and `maxAngle` only.
 * @throws RangeError if the inputs are not images or the data set has too few examples.
 */
export function rotated(
  given: OptionsFor<typeof options>,
  { dataset, random }: { dataset: Dataset; random: Random },
): Stream {
  const { tasks, examplesPerTask, maxAngle, testExamples } = withDefaults(options, given);
  const { shape } = dataset;
  const [height, width, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3)
    throw new RangeError(
      `Only images of shape [height, width, channels] can be turned, but the data set's shape is [${shape.join(", ")}]; use the stream "permuted" or "split".`,
    );
  const size = height * width * channels;
  return rearrangedTasks({ tasks, examplesPerTask, testExamples }, { dataset, random }, (task, own) => {
    const angle = ((task + own.fork("angle").uniform()) * maxAngle) / tasks;
    const places = size < 65536 ? new Uint16Array(size) : new Uint32Array(size);
    rotation(height, width, angle).forEach((from, to) => {
      for (let c = 0; c < channels; c++) places[to * channels + c] = from < 0 ? size : from * channels + c;
    });
    return places;
  });
}

const plugin: Plugin<"stream", typeof options> = {
  kind: "stream",
  name: "rotated",
  contract: 2,
  description: "Every task shows the same classes, turned by an angle of its own.",
  paper: "arXiv:1706.08840",
  options,
  create: rotated,
};
export default plugin;
