import { checkScenario } from "@everlearn/conformance";
import { emptyStream } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";
import plugin, { classIl } from "../src/index.js";

const x = Uint8Array.of(7);

describe("class-il", () => {
  it("conforms to the scenario contract", async () => {
    await checkScenario(plugin);
    await checkScenario(plugin, { options: { taskLabels: "training" } });
  });

  it("has an output for each class and says nothing else", () => {
    const scenario = classIl({}, { stream: emptyStream([3, 1], [0, 2]) });
    expect([scenario.taskLabels, scenario.outputs]).toEqual(["never", 4]);
    expect(scenario.example(0, x, 0)).toStrictEqual({ x, y: 3 });
    expect(scenario.query(0, x)).toStrictEqual({ x });
    expect(scenario.answer(1, 1)).toBe(2);
  });

  it("grants the task's number in training where asked, never at test", () => {
    const scenario = classIl({ taskLabels: "training" }, { stream: emptyStream([3, 1], [0, 2]) });
    expect(scenario.taskLabels).toBe("training");
    expect(scenario.example(1, x, 1)).toStrictEqual({ x, y: 2, task: 1 });
    expect(scenario.query(1, x)).toStrictEqual({ x });
  });

  it("lets learners be told where tasks end, unless asked not to", () => {
    const given = { stream: emptyStream([3, 1], [0, 2]) };
    expect(classIl({}, given).boundaries).toBe(true);
    expect(classIl({ boundaries: false }, given).boundaries).toBe(false);
  });
});
