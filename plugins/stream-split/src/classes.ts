import type { Random } from "@everlearn/contracts";

/**
 * iCaRL's order of CIFAR-100's fine classes (Rebuffi et al. 2017): NumPy's `random.seed(1993)`, then
 * `random.permutation(100)`, as in the authors' code and since then in most code that is compared with it.
 */
const icarl: readonly number[] =
  `68 56 78 8 23 84 90 65 74 76 40 89 3 92 55 9 26 80 43 38 58 70 77 1 85 19 17 50 28 53 13 81 45 82
6 59 83 16 15 44 91 41 72 60 79 52 20 10 31 54 37 95 14 71 96 98 97 2 64 66 42 22 35 86 24 34 87 21
99 0 88 27 18 94 11 12 47 25 30 46 62 69 36 61 7 63 75 5 32 4 51 48 73 93 39 67 29 49 57 33`
    .split(/\s/)
    .map(Number);

/** How many classes each task has. @throws RangeError where they are not all of the data set's */
export function sizesOf(classes: number, classesPerTask: number | readonly number[]): readonly number[] {
  if (typeof classesPerTask === "number") {
    const tasks = classes / classesPerTask;
    if (!Number.isInteger(tasks))
      throw new RangeError(
        `${classes} classes cannot be shared out evenly among tasks of ${classesPerTask}; use a classesPerTask that divides ${classes}.`,
      );
    return Array.from({ length: tasks }, () => classesPerTask);
  }
  const sum = classesPerTask.reduce((total, size) => total + size, 0);
  if (sum !== classes)
    throw new RangeError(
      `classesPerTask lists ${sum} classes in ${classesPerTask.length} tasks, but the data set has ${classes}; list sizes that add up to ${classes}.`,
    );
  return classesPerTask;
}

/** All classes in the order in which they come. @throws RangeError where a list is no order of all classes */
export function orderOf(
  classes: number,
  order: "seed" | "ascending" | "icarl" | readonly number[],
  random: Random,
): readonly number[] {
  const ascending = Array.from({ length: classes }, (_, c) => c);
  if (order === "seed") return [...random.fork("classes").permutation(classes)];
  if (order === "ascending") return ascending;
  if (order === "icarl") {
    if (classes !== icarl.length)
      throw new RangeError(
        `The order "icarl" is one of ${icarl.length} classes, but the data set has ${classes}; list the order of yours.`,
      );
    return icarl;
  }
  const all = classes === 2 ? "0 and 1" : `0 to ${classes - 1}`;
  const stranger = order.find((c) => !(c < classes));
  if (stranger !== undefined)
    throw new RangeError(`order lists class ${stranger}, which the data set does not have; list ${all}, each once.`);
  const repeated = order.find((c, i) => order.indexOf(c) < i);
  if (repeated !== undefined)
    throw new RangeError(`order lists class ${repeated} more than once; list ${all}, each once.`);
  const missing = ascending.filter((c) => !order.includes(c));
  if (missing.length > 0)
    throw new RangeError(
      `order leaves out ${missing.length === 1 ? "class" : "classes"} ${shown(missing)}; list ${all}, each once.`,
    );
  return order;
}

/** The first few of a list of numbers. */
function shown(numbers: readonly number[]): string {
  return numbers.length > 5 ? `${numbers.slice(0, 5).join(", ")} and ${numbers.length - 5} more` : numbers.join(", ");
}
