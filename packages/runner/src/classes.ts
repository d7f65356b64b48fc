import type { Course } from "@everlearn/composition";
import type { Receipt } from "@everlearn/records";

/** The most classes, over all tasks, that a run lists; thousands of permutations of ten digits would tell nobody anything. */
const most = 10_000;

/** The classes of each task, and what they are called. */
export function taskClasses({
  stream,
  classNames,
}: Pick<Course, "stream" | "classNames">): Pick<Receipt, "classes" | "classNames"> {
  const classes: number[][] = [];
  let count = 0;
  for (let task = 0; task < stream.tasks; task++) {
    const own = stream.classesOf(task);
    count += own.length;
    if (count > most) return {};
    classes.push([...own]);
  }
  return { classes, ...(classNames === undefined ? {} : { classNames: [...classNames] }) };
}
