import { checkStream, toyDataset } from "@everlearn/conformance";
import { random } from "@everlearn/random";
import { blurry } from "@everlearn/stream-blurry";
import { split } from "@everlearn/stream-split";
import { describe, expect, it } from "vitest";
import plugin, { taskRange } from "../src/index.js";

const dataset = () => toyDataset({ classes: 10, shape: [8, 8, 1], train: 200, test: 100 });
const whole = (seed = 0) => split({ classesPerTask: [1, 2, 3, 4] }, { dataset: dataset(), random: random(seed) });

describe("task-range", () => {
  it("conforms to the stream contract", async () => {
    await checkStream(plugin, { options: { from: 1, tasks: 2 }, seedless: true });
    await checkStream(plugin, { options: {}, seedless: true });
  });

  it.each([
    [0, 3],
    [1, 2],
    [3, 0],
    [0, 0],
  ])("shows the tasks from %i on, %i of them, with their examples", (from, tasks) => {
    const stream = whole();
    const part = taskRange({ from, tasks }, { of: stream });
    expect([part.tasks, part.experiences]).toEqual(new Array(2).fill(tasks || 4 - from));
    const classes = new Set<number>();
    for (let task = 0; task < part.tasks; task++) {
      const [own, theirs] = [part.classesOf(task), stream.classesOf(from + task)];
      expect(own).toHaveLength(theirs.length);
      // The order of classes is kept, whatever their numbers.
      const byNumber = (list: readonly number[]) => list.map((c) => list.filter((other) => other < c).length);
      expect(byNumber(own)).toEqual(byNumber(theirs));
      for (const c of own) classes.add(c);
      const [train, test] = [part.train(task), part.test(task)];
      expect([train.length, test.length]).toEqual([stream.train(from + task).length, stream.test(from + task).length]);
      for (let i = 0; i < train.length; i++) {
        expect([train.task(i), train.label(i)]).toEqual([task, stream.train(from + task).label(i)]);
        expect(train.input(i)).toEqual(stream.train(from + task).input(i));
      }
    }
    expect([...classes].toSorted((a, b) => a - b)).toEqual(Array.from({ length: part.classes }, (_, c) => c));
  });

  it("shows in two parts what the stream shows, each example once", () => {
    const stream = whole(3);
    const parts = [taskRange({ tasks: 2 }, { of: stream }), taskRange({ from: 2 }, { of: stream })];
    const examples = parts.map((part) => Array.from({ length: 2 }, (_, e) => part.train(e).length)).flat();
    expect(examples.reduce((sum, length) => sum + length, 0)).toBe(200);
  });

  it("says what does not fit", () => {
    expect(() => taskRange({ from: 4 }, { of: whole() })).toThrow(
      'task-range: the stream has 4 tasks, so there are no tasks from 4 on; use a smaller "from".',
    );
    expect(() => taskRange({ from: 2, tasks: 3 }, { of: whole() })).toThrow(
      'task-range: the stream has 4 tasks, so there are no 3 tasks from 2 on; use a smaller "from" or fewer tasks.',
    );
    const mixed = blurry({ fraction: 0.5 }, { of: whole(), random: random(0) });
    expect(() => taskRange({ from: 2 }, { of: mixed })).toThrow(/experience \d mixes tasks before and after 2/);
  });
});
