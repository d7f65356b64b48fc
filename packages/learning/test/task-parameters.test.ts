import { taskParameters } from "@everlearn/learning";
import { arrayVector } from "@everlearn/network";
import { describe, expect, it } from "vitest";

const size = 4;
const start = [1, 2, 3, 4];

function make(options: { count?: number; warmStart: boolean }) {
  const theta = arrayVector(Float32Array.from(start));
  const parameters = taskParameters({ theta, vector: () => arrayVector(new Float32Array(size)) }, options);
  const read = () => [...theta.toArray()];
  const train = (change: number) => theta.map((value) => value + change);
  return { theta, parameters, read, train };
}

describe("taskParameters", () => {
  it.each([
    { warmStart: true, second: [11, 12, 13, 14] },
    { warmStart: false, second: start },
  ])("gives each task values of its own, a new one those it begins with (warm start $warmStart)", (given) => {
    const { parameters, read, train } = make({ warmStart: given.warmStart });
    parameters.switchTo(5);
    expect(read()).toEqual(start);
    train(10);
    parameters.switchTo(2);
    expect(read()).toEqual(given.second);
    train(100);
    parameters.switchTo(5);
    expect(read()).toEqual([11, 12, 13, 14]);
    train(1);
    parameters.switchTo(5);
    expect(read()).toEqual([12, 13, 14, 15]);
    parameters.switchTo(2);
    expect(read()).toEqual(given.second.map((value) => value + 100));
  });

  it.each([
    { warmStart: true, second: [11, 12, 13, 14] },
    { warmStart: false, second: [1, 2, 13, 14] },
  ])("keeps apart only the first `count`; the others are shared (warm start $warmStart)", (given) => {
    const { parameters, read, train } = make({ count: 2, warmStart: given.warmStart });
    parameters.switchTo(0);
    train(10);
    parameters.switchTo(1);
    expect(read()).toEqual(given.second);
    train(100);
    parameters.switchTo(0);
    expect(read()).toEqual([11, 12, 113, 114]);
  });

  it("lends θ to another task for one call, which may throw", () => {
    const { parameters, read, train } = make({ count: 2, warmStart: false });
    parameters.switchTo(0);
    train(10);
    parameters.switchTo(1);
    train(100);
    expect(parameters.asIf(0, read)).toEqual([11, 12, 113, 114]);
    expect(parameters.asIf(7, read)).toEqual([1, 2, 113, 114]);
    expect(parameters.asIf(1, read)).toEqual([101, 102, 113, 114]);
    expect(() =>
      parameters.asIf(0, () => {
        throw new Error("diverged");
      }),
    ).toThrow("diverged");
    expect(read()).toEqual([101, 102, 113, 114]);
  });

  it.each([{}, { count: 2 }])("saves and loads all but θ itself (%j)", (part) => {
    const one = make({ ...part, warmStart: false });
    for (const task of [0, 1, 0, 2]) {
      one.parameters.switchTo(task);
      one.train(10 ** task);
    }
    const state = one.parameters.save();
    const other = make({ ...part, warmStart: false });
    other.train(500); // what it began with is loaded, too
    other.parameters.load(state);
    other.theta.set(one.theta);
    one.train(7); // a copy does not go on
    one.theta.set(other.theta);
    for (const task of [2, 0, 3, 1]) {
      for (const { parameters, train } of [one, other]) {
        parameters.switchTo(task);
        train(1);
      }
      expect(other.read()).toEqual(one.read());
    }
    expect(other.parameters.save()).toEqual(one.parameters.save());
  });
});
