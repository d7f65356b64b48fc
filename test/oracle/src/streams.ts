import type { Experience, Stream } from "@everlearn/contracts";
import { range } from "./range.js";

/** A stream of tasks with so many training examples: example i of task t has the input [t, i] and the label i mod 2. */
export function numberedStream(...lengths: readonly number[]): Stream {
  const experience = (task: number, length: number): Experience => ({
    length,
    label: (i) => i % 2,
    input(i, into = new Uint8Array(2)) {
      into.set([task, i]);
      return into;
    },
    task: () => task,
  });
  return {
    tasks: lengths.length,
    experiences: lengths.length,
    boundaries: true,
    shape: [2],
    classes: 2,
    classesOf: () => [0, 1],
    train: (task) => experience(task, lengths[task]),
    test: (task) => experience(task, 4),
  };
}

/** The examples of an experience of such a stream, as "task:number". */
export const namesOf = (experience: Experience): string[] =>
  range(experience.length).map((i) => experience.input(i).join(":"));

/** A stream without examples, for what asks only for the classes of its tasks. */
export function emptyStream(...classes: readonly (readonly number[])[]): Stream {
  const none = { length: 0, label: () => 0, input: () => new Uint8Array(1) };
  return {
    tasks: classes.length,
    experiences: classes.length,
    boundaries: true,
    shape: [1],
    classes: new Set(classes.flat()).size,
    classesOf: (task) => classes[task],
    train: (task) => ({ ...none, task: () => task }),
    test: () => none,
  };
}
