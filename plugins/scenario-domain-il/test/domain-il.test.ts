import { checkScenario } from "@everlearn/conformance";
import { emptyStream } from "@everlearn/oracle";
import { describe, expect, it } from "vitest";
import plugin, { domainIl } from "../src/index.js";

const x = Uint8Array.of(7);

describe("domain-il", () => {
  it("conforms to the scenario contract", async () => {
    await checkScenario(plugin);
    await checkScenario(plugin, { options: { taskLabels: "training" } });
  });

  it("shares the outputs among all tasks and says nothing else", () => {
    const scenario = domainIl({}, { stream: emptyStream([3, 1], [0, 2]) });
    expect([scenario.taskLabels, scenario.outputs]).toEqual(["never", 2]);
    expect(scenario.example(1, x, 0)).toStrictEqual({ x, y: 0 });
    expect(scenario.query(1, x)).toStrictEqual({ x });
    expect(scenario.answer(1, 1)).toBe(1);
  });

  it("has as many outputs as the largest task has classes", () => {
    expect(domainIl({}, { stream: emptyStream([0, 1], [2, 3, 4], [5]) }).outputs).toBe(3);
  });

  it("grants the task's number in training where asked, never at test", () => {
    const scenario = domainIl({ taskLabels: "training" }, { stream: emptyStream([3, 1], [0, 2]) });
    expect(scenario.taskLabels).toBe("training");
    expect(scenario.example(1, x, 1)).toStrictEqual({ x, y: 1, task: 1 });
    expect(scenario.query(1, x)).toStrictEqual({ x });
  });

  it("lets learners be told where tasks end, unless asked not to", () => {
    const given = { stream: emptyStream([3, 1], [0, 2]) };
    expect(domainIl({}, given).boundaries).toBe(true);
    expect(domainIl({ boundaries: false }, given).boundaries).toBe(false);
  });
});
