import { checkScenario } from "@everlearn/conformance";
import { emptyStream } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";
import plugin, { taskIl } from "../src/index.js";

const x = Uint8Array.of(7);

describe("task-il", () => {
  it("conforms to the scenario contract", async () => {
    await checkScenario(plugin);
    await checkScenario(plugin, { options: { heads: "shared" } });
  });

  it("has an output for each class and tells the task and its outputs, at test too", () => {
    const scenario = taskIl({}, { stream: emptyStream([3, 1], [0, 2]) });
    expect([scenario.taskLabels, scenario.outputs]).toEqual(["always", 4]);
    expect(scenario.example(0, x, 0)).toStrictEqual({ x, y: 3, task: 0, outputs: [1, 3] });
    expect(scenario.query(1, x)).toStrictEqual({ x, task: 1, outputs: [0, 2] });
    expect(scenario.answer(0, 1)).toBe(1);
  });

  it("has as many shared outputs as the largest task has classes, and still tells the task", () => {
    const scenario = taskIl({ heads: "shared" }, { stream: emptyStream([3, 1], [0, 2, 4]) });
    expect(scenario.outputs).toBe(3);
    expect(scenario.example(0, x, 1)).toStrictEqual({ x, y: 1, task: 0, outputs: [0, 1] });
    expect(scenario.query(1, x)).toStrictEqual({ x, task: 1, outputs: [0, 1, 2] });
    expect(scenario.answer(1, 2)).toBe(2);
  });

  it("shares one list of outputs among a task's examples", () => {
    const scenario = taskIl({}, { stream: emptyStream([3, 1], [0, 2]) });
    expect(scenario.query(0, x).outputs).toBe(scenario.example(0, x, 1).outputs);
  });

  it("leaves the stream's own list in its order", () => {
    const classes = [3, 1];
    taskIl({}, { stream: emptyStream(classes) });
    expect(classes).toEqual([3, 1]);
  });
});
