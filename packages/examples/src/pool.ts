import type { Experience, Stream } from "@everlearn/contracts";
import { within } from "./views.js";

/**
 * The training examples of several experiences under consecutive numbers: those of the first, then those of the second,
 * and so on.
 */
export interface Pool {
  /** The number of examples of all experiences. */
  readonly length: number;
  /** Where each experience begins; the last entry is `length`. */
  readonly starts: readonly number[];
  /** The examples at `places`, in that order; each knows its task. Nothing is copied. */
  at(places: Uint32Array): Experience;
}

/** All training examples of a stream. */
export function pool(stream: Stream): Pool {
  const experiences = Array.from({ length: stream.experiences }, (_, e) => stream.train(e));
  const starts = [0];
  for (const { length } of experiences) starts.push(starts[starts.length - 1] + length);
  const length = starts[experiences.length];

  /** The experience that holds example `place`: the last one, not empty, that begins no later. */
  function experienceOf(place: number): number {
    let [low, high] = [0, experiences.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  return {
    length,
    starts,
    at(places) {
      const found = <T>(i: number, read: (experience: Experience, i: number) => T): T => {
        const place = within(length, places[within(places.length, i, "example")], "example");
        const e = experienceOf(place);
        return read(experiences[e], place - starts[e]);
      };
      return {
        length: places.length,
        label: (i) => found(i, (experience, at) => experience.label(at)),
        input: (i, into) => found(i, (experience, at) => experience.input(at, into)),
        task: (i) => found(i, (experience, at) => experience.task(at)),
      };
    },
  };
}

/** A stream with training examples of its own; its tasks, their classes and test examples are the given one's. */
export function withTraining(stream: Stream, own: Pick<Stream, "experiences" | "boundaries" | "train">): Stream {
  return {
    tasks: stream.tasks,
    shape: stream.shape,
    classes: stream.classes,
    classesOf: (task) => stream.classesOf(task),
    test: (task) => stream.test(task),
    ...own,
  };
}
