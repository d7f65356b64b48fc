import { answerByTask, assertDraws, byTask, queryOf, taskOf } from "@everlearn/learning";
import { describe, expect, it } from "vitest";

const x = Float32Array.of(0.5);
const refusal = "Labels, please.";
const examples = [
  { x, y: 0, task: 3 },
  { x, y: 1, task: 0 },
  { x, y: 2, task: 3 },
  { x, y: 3, task: 1 },
  { x, y: 4, task: 0 },
];

describe("assertDraws", () => {
  it("accepts as many draws as the buffer can hold, and refuses one more", () => {
    expect(() => assertDraws({ capacity: 5 }, { replay: 5 })).not.toThrow();
    expect(() => assertDraws({ capacity: 5 }, { replay: 6 })).toThrow(
      new RangeError("replay = 6 asks for 6 draws, but the buffer holds at most 5; use replay ≤ 5 or a larger buffer."),
    );
  });

  it("says which value of the option would do where that is not the number of draws", () => {
    expect(() => assertDraws({ capacity: 5 }, { k: 6 }, 5)).not.toThrow();
    expect(() => assertDraws({ capacity: 5 }, { k: 7 }, 6)).toThrow(
      new RangeError("k = 7 asks for 6 draws, but the buffer holds at most 5; use k ≤ 6 or a larger buffer."),
    );
  });
});

describe("byTask", () => {
  it("groups in the order in which tasks first come, and keeps the order within each", () => {
    const labels = Array.from(byTask(examples, refusal), ([task, own]) => [task, own.map(({ y }) => y)]);
    expect(labels).toEqual([
      [3, [0, 2]],
      [0, [1, 4]],
      [1, [3]],
    ]);
    expect([...byTask([], refusal)]).toEqual([]);
  });

  it("refuses what has no label, in the learner's own words", () => {
    expect(() => byTask([...examples, { x }], refusal)).toThrow(new RangeError(refusal));
    expect(() => taskOf({ x }, refusal)).toThrow(new RangeError(refusal));
    expect(taskOf({ x, task: 0 }, refusal)).toBe(0);
  });
});

describe("answerByTask", () => {
  it("puts each task's answers where its queries are", () => {
    const asked: [number, number][] = [];
    const answers = answerByTask(examples, refusal, (task, own) => {
      asked.push([task, own.length]);
      return Uint16Array.from(own, ({ y }) => 10 * task + y);
    });
    expect([...answers]).toEqual([30, 1, 32, 13, 4]);
    expect(asked).toEqual([
      [3, 2],
      [0, 2],
      [1, 1],
    ]);
  });

  it("refuses queries without labels", () => {
    expect(() => answerByTask([{ x }], refusal, () => new Uint16Array(1))).toThrow(new RangeError(refusal));
  });
});

describe("queryOf", () => {
  it("keeps the input and the outputs, and nothing that tells the answer or the task", () => {
    const outputs = [0, 1];
    const query = queryOf({ x, y: 1, task: 2, outputs });
    expect(query).toEqual({ x, outputs });
    expect(query.x).toBe(x);
    expect(Object.keys(queryOf({ x, y: 1, task: 2 }))).toEqual(["x"]);
  });
});
