import { checkScenario } from "@everlearn/conformance";
import type { Stream } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import plugin, { classIl } from "../src/index.js";

const none = { length: 0, label: () => 0, input: () => new Uint8Array(1) };
/** A stream of which only the classes matter here. */
const stream = (...classes: number[][]): Stream => ({
  tasks: classes.length,
  experiences: classes.length,
  boundaries: true,
  shape: [1],
  classes: new Set(classes.flat()).size,
  classesOf: (task) => classes[task],
  train: (task) => ({ ...none, task: () => task }),
  test: () => none,
});
const x = Uint8Array.of(7);

describe("class-il", () => {
  it("does what a scenario must do", async () => {
    await checkScenario(plugin);
    await checkScenario(plugin, { options: { taskLabels: "training" } });
  });

  it("has an output for each class and says nothing else", () => {
    const scenario = classIl({}, { stream: stream([3, 1], [0, 2]) });
    expect([scenario.taskLabels, scenario.outputs]).toEqual(["never", 4]);
    expect(scenario.example(0, x, 0)).toStrictEqual({ x, y: 3 });
    expect(scenario.query(0, x)).toStrictEqual({ x });
    expect(scenario.answer(1, 1)).toBe(2);
  });

  it("grants the task's number in training where asked, never at test", () => {
    const scenario = classIl({ taskLabels: "training" }, { stream: stream([3, 1], [0, 2]) });
    expect(scenario.taskLabels).toBe("training");
    expect(scenario.example(1, x, 1)).toStrictEqual({ x, y: 2, task: 1 });
    expect(scenario.query(1, x)).toStrictEqual({ x });
  });
});
