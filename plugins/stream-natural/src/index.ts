import type { Dataset, OptionsFor, Plugin, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { selected, within } from "@everlearn/examples";
import { timesOf } from "./time.js";

const options = {
  tasks: {
    type: "string",
    enum: ["none", "values", "time", "gaps"],
    default: "none",
    description:
      "What makes tasks: nothing; each value of a column; each span of time; or what lies between two gaps in time.",
  },
  column: { type: "string", default: "", description: "The column of those values, or of time." },
  span: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The time of a task, with tasks by time; seconds for dates.",
  },
  gap: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "The least time that is a gap, with tasks by gaps; 0: ten times the median step.",
  },
} as const;

/** More experiences than this are no tasks, but a column that changes all the time. */
const MOST = 1000;

/**
 * A data set as it comes: all of its training examples once, in its own order. Without tasks they are one experience. With tasks,
 * an experience goes on for as long as the task does; a value that comes back brings its task back. Test examples are of the task
 * that their own value or time belongs to.
 * @throws RangeError where the data set has no such column, or it divides nothing
 */
export function natural(given: OptionsFor<typeof options>, { dataset }: { dataset: Dataset }): Stream {
  const chosen = withDefaults(options, given);
  const { train, test } = chosen.tasks === "none" ? undivided(dataset) : divided(dataset, chosen);
  const tasks = Math.max(...train) + 1;
  const starts = [...train.keys()].filter((i) => i === 0 || train[i] !== train[i - 1]);
  if (starts.length > MOST)
    throw new RangeError(
      `stream-natural finds ${starts.length} experiences by "${chosen.column}", of which there may be ${MOST}; use a column, span or gap that changes less often.`,
    );
  const every = Array.from({ length: dataset.classes }, (_, c) => c);
  return {
    ...{ tasks, experiences: starts.length, boundaries: true, shape: dataset.shape, classes: dataset.classes },
    classesOf(task) {
      within(tasks, task, "task");
      return every;
    },
    train(experience) {
      const start = starts[within(starts.length, experience, "experience")];
      const end = starts[experience + 1] ?? train.length;
      const own = selected(
        dataset.train,
        Uint32Array.from({ length: end - start }, (_, i) => start + i),
      );
      return { ...own, task: (i) => train[start + within(end - start, i, "example")] };
    },
    test(task) {
      within(tasks, task, "task");
      return selected(
        dataset.test,
        Uint32Array.from(test.keys()).filter((i) => test[i] === task),
      );
    },
  };
}

/** The task of each training and of each test example; −1: of none. */
interface Division {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

function undivided({ train, test }: Dataset): Division {
  if (train.length === 0) throw new RangeError("stream-natural has no training examples.");
  return { train: new Array<number>(train.length).fill(0), test: new Array<number>(test.length).fill(0) };
}

function divided(
  dataset: Dataset,
  { tasks, column, span, gap }: { tasks: string; column: string; span: number; gap: number },
): Division {
  const found = dataset.column?.(column);
  if (found === undefined)
    throw new RangeError(
      `stream-natural makes tasks by the column "${column}", which the data set does not have; name one in "column", such as one of a CSV file.`,
    );
  if (tasks === "values") {
    const numbers = new Map([...new Set(found.train)].map((value, task) => [value, task]));
    const of = (value: string): number => numbers.get(value) ?? -1;
    return { train: found.train.map(of), test: found.test.map(of) };
  }
  const [times, tested] = [timesOf(column, found.train), timesOf(column, found.test)];
  const back = times.findIndex((time, i) => time < times[i - 1]);
  if (back >= 0)
    throw new RangeError(
      `stream-natural needs times in ascending order, and "${column}" goes back at example ${back}; sort the file by it.`,
    );
  if (tasks === "time" && span === 0)
    throw new RangeError('stream-natural makes tasks by time, which need a "span" above 0.');
  const edges = tasks === "time" ? spans(times, span) : gaps(times, gap);
  const of = (time: number): number =>
    Math.max(
      0,
      edges.findLastIndex((edge) => edge <= time),
    );
  return { train: times.map(of), test: tested.map(of) };
}

/** The beginnings of the spans that have training examples. */
function spans(times: readonly number[], span: number): number[] {
  return [...new Set(times.map((time) => times[0] + span * Math.floor((time - times[0]) / span)))];
}

/** The times after which a gap is over. */
function gaps(times: readonly number[], least: number): number[] {
  const steps = times.slice(1).map((time, i) => time - times[i]);
  const median = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const gap = least || 10 * median;
  return times.filter((time, i) => i === 0 || (gap > 0 && time - times[i - 1] >= gap));
}

const plugin: Plugin<"stream", typeof options> = {
  kind: "stream",
  name: "natural",
  contract: 2,
  description: "A data set as it comes: in its own order, with tasks by a column, by time or by gaps, or without.",
  options,
  create: natural,
};
export default plugin;
