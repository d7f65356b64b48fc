import { formatPercent } from "../percent.js";
import { count } from "../tables/format.js";
import { type Matrix, rowsOf } from "../tables/runs.js";
import { type Course, courseOf } from "./course.js";
import { chartBox, lineChart, pathOf } from "./line-chart.js";
import { type Element, el, type Markup } from "./markup.js";
import { colourScale, confusionPicture, matrixPicture } from "./matrix.js";
import { counting, linear } from "./scale.js";

/** The data for the pictures of one seed, or of the mean of several. A page holds it as JSON. */
export interface Measured {
  readonly name: string;
  /** R. */
  readonly accuracy: Matrix;
  /** The tasks of each experience; null: one each, in order. */
  readonly tasks: readonly (readonly number[])[] | null;
  /** The last confusion matrix, as fractions of each row. */
  readonly confusion: Matrix | null;
  /** The linear probe's accuracies. */
  readonly probe: Matrix | null;
  readonly intermediate: { readonly examples: readonly number[]; readonly accuracy: Matrix } | null;
}

const mostTasks = 100;
const percent = (fraction: number): string => `${Math.round(100 * fraction)}%`;

/** Draws R, the accuracy of each task and of all together over time, and intermediate evaluations if there are some. */
export function pictures(measured: Measured): Element {
  const accuracy = rowsOf(measured.accuracy);
  const course = courseOf(accuracy, measured.tasks);
  return el(
    "div",
    { class: "pictures" },
    el(
      "figure",
      { class: "whole" },
      el(
        "figcaption",
        {},
        el("strong", {}, "Accuracy matrix R"),
        ` A row after each ${course.ordered ? "task" : "experience"}, a column for each task tested${course.ordered ? "; right of the stairs, tasks not trained on yet" : "; framed, the tasks of the experience"}.`,
      ),
      matrixPicture(accuracy, course),
      colourScale(),
      el("p", { class: "reading", hidden: true }),
    ),
    el(
      "figure",
      {},
      el(
        "figcaption",
        {},
        el("strong", {}, "Course"),
        ` After each experience: accuracy on the tasks so far, and how far earlier tasks are below their best${measured.probe ? "; and what a linear probe of the network's features reaches" : ""}.`,
      ),
      courseChart(course, measured.probe),
    ),
    anytime(measured),
    confusions(measured),
    el(
      "figure",
      { class: "wide" },
      el(
        "figcaption",
        {},
        el("strong", {}, "Each task"),
        ` Its accuracy from first to last experience, 0% to 100%; pale before it was learned.${accuracy[0].length > mostTasks ? ` The first ${mostTasks} of ${accuracy[0].length}.` : ""}`,
      ),
      el("ul", { class: "tasks" }, ...taskCurves(accuracy, course)),
    ),
  );
}

function courseChart({ soFar, forgetting }: Course, probe: Matrix | null): Element {
  const x = counting(soFar.length, [chartBox.left + 8, chartBox.right - 8]);
  const y = linear([0, 1, ...forgetting.filter((value) => value < 0)], [chartBox.bottom, chartBox.top]);
  const series = (values: readonly number[]) => values.map((value, i) => [i + 1, value] as const);
  const end = soFar.length - 1;
  const probed = probe ? rowsOf(probe).map(meanOfKnown) : [];
  const more = probe ? ` A linear probe reaches ${formatPercent(probed[probed.length - 1])}.` : "";
  return lineChart(
    `At the end ${formatPercent(soFar[end])} on all tasks, forgetting ${formatPercent(forgetting[end])}.${more}`,
    [
      { label: "accuracy on the tasks so far", points: series(soFar) },
      { label: "forgetting of the earlier tasks", points: series(forgetting) },
      ...(probe ? [{ label: "linear probe on the tasks so far", points: series(probed) }] : []),
    ],
    { scale: x, title: "after experience →", text: String },
    { scale: y, title: "", text: percent },
  );
}

/** The mean of the values that there are. */
function meanOfKnown(row: readonly number[]): number {
  const known = row.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

function anytime({ intermediate }: Measured): Markup {
  if (intermediate === null) return null;
  const means = rowsOf(intermediate.accuracy).map((row, i) => [intermediate.examples[i], meanOfKnown(row)] as const);
  const lowest = Math.min(...means.flatMap(([, value]) => (Number.isNaN(value) ? [] : [value])));
  return el(
    "figure",
    {},
    el(
      "figcaption",
      {},
      el("strong", {}, "During experiences"),
      " Intermediate evaluations: mean accuracy on the tasks that had come.",
    ),
    lineChart(
      `${count(means.length)} intermediate evaluations; the lowest mean accuracy is ${formatPercent(lowest)}.`,
      [{ label: "accuracy on the tasks so far", points: means }],
      {
        scale: linear([0, ...intermediate.examples], [chartBox.left + 4, chartBox.right - 4], 6),
        title: "training examples →",
        text: count,
      },
      { scale: linear([0, 1], [chartBox.bottom, chartBox.top]), title: "", text: percent },
    ),
  );
}

function confusions({ confusion }: Measured): Markup {
  if (confusion === null) return null;
  return el(
    "figure",
    { class: "whole" },
    el(
      "figcaption",
      {},
      el("strong", {}, "Confusion"),
      " At the end: a row for each output that was right, a column for each that was answered, in percent of the row.",
    ),
    confusionPicture(rowsOf(confusion)),
    colourScale(),
  );
}

function taskCurves(accuracy: readonly (readonly number[])[], { learned }: Course): Element[] {
  const end = accuracy.length - 1;
  const across = (i: number) => (end === 0 ? 50 : 2 + (96 * i) / end);
  const up = (value: number) => 37 - 34 * value;
  return learned.slice(0, mostTasks).map((first, j) => {
    const points = accuracy.map((row, i) => [i, row[j]] as const);
    const after = first < 0 ? [] : points.slice(first);
    const before = first < 0 ? points : points.slice(0, first + 1);
    const then = first < 0 ? Number.NaN : accuracy[first][j];
    return el(
      "li",
      {},
      el(
        "svg",
        { viewBox: "0 0 100 40", preserveAspectRatio: "none", "aria-hidden": "true" },
        el("path", { class: "grid", d: "M0 3H100M0 20H100M0 37H100" }),
        el("path", { class: "before", d: pathOf(before, across, up) }),
        el("path", { class: "after", d: pathOf(after, across, up) }),
      ),
      el(
        "span",
        {},
        el("b", {}, String(j + 1)),
        ` ${first < 0 ? "never learned" : formatPercent(then)} → ${formatPercent(accuracy[end][j])}`,
      ),
    );
  });
}

/**
 * The mean over seeds, if they have the same tasks and experiences, else null. The same goes for intermediate
 * evaluations.
 */
export function meanOf(seeds: readonly Measured[]): Measured | null {
  const accuracy = meanMatrix(seeds.map(({ accuracy, tasks }) => ({ matrix: accuracy, kind: JSON.stringify(tasks) })));
  const evaluated = seeds.flatMap(({ intermediate }) => intermediate ?? []);
  const mean = meanMatrix(evaluated.map(({ accuracy, examples }) => ({ matrix: accuracy, kind: examples.join() })));
  if (accuracy === null) return null;
  const intermediate =
    mean && evaluated.length === seeds.length ? { examples: evaluated[0].examples, accuracy: mean } : null;
  const meanOfAll = (of: (seed: Measured) => Matrix | null) => {
    const matrices = seeds.flatMap((seed) => of(seed) ?? []);
    return matrices.length === seeds.length ? meanMatrix(matrices.map((matrix) => ({ matrix, kind: "" }))) : null;
  };
  const [confusion, probe] = [meanOfAll((seed) => seed.confusion), meanOfAll((seed) => seed.probe)];
  return { name: `mean of ${seeds.length} seeds`, accuracy, tasks: seeds[0].tasks, confusion, probe, intermediate };
}

/**
 * The mean of matrices, entry by entry, where all have a value; null where there are fewer than two, or they differ in
 * size or kind.
 */
function meanMatrix(given: readonly { readonly matrix: Matrix; readonly kind: string }[]): Matrix | null {
  const shape = ({ matrix, kind }: (typeof given)[number]) => `${matrix.columns}/${matrix.values.length}/${kind}`;
  if (given.length < 2 || given.some((one) => shape(one) !== shape(given[0]))) return null;
  const { columns, values } = given[0].matrix;
  const means = Array.from(values, (_, at) => {
    let sum = 0;
    for (const { matrix } of given) {
      const value = matrix.values[at];
      if (value < 0) return -1;
      sum += value;
    }
    return sum / given.length;
  });
  return { columns, values: means };
}
