import type { Dataset, Examples, Scenario, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { classIl } from "@everlearn/scenario-class-il";
import { domainIl } from "@everlearn/scenario-domain-il";
import { taskIl } from "@everlearn/scenario-task-il";
import { permuted } from "@everlearn/stream-permuted";
import { rotated } from "@everlearn/stream-rotated";
import { split } from "@everlearn/stream-split";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

function striped(length: number): Examples {
  return {
    length,
    label: (i) => i % 6,
    input: (i, into = new Uint8Array(16)) => into.fill(40 * (i % 6)),
  };
}
const dataset: Dataset = { shape: [4, 4, 1], classes: 6, train: striped(60), test: striped(24), checksum: "" };

const streams: Record<string, (seed: number) => Stream> = {
  rotated: (seed) => rotated({ tasks: 3, examplesPerTask: 20 }, { dataset, random: random(seed) }),
  permuted: (seed) => permuted({ tasks: 3, examplesPerTask: 20 }, { dataset, random: random(seed) }),
  "split by seed": (seed) => split({}, { dataset, random: random(seed) }),
  "split by number": (seed) =>
    split({ order: "ascending", classesPerTask: 3, examplesPerTask: 20 }, { dataset, random: random(seed) }),
};

const scenarios: Record<string, (stream: Stream) => Scenario> = {
  "task-il": (stream) => taskIl({}, { stream }),
  "domain-il": (stream) => domainIl({}, { stream }),
  "domain-il, task labels in training": (stream) => domainIl({ taskLabels: "training" }, { stream }),
  "class-il": (stream) => classIl({}, { stream }),
  "class-il, task labels in training": (stream) => classIl({ taskLabels: "training" }, { stream }),
};

const pairs = Object.keys(streams).flatMap((stream) => Object.keys(scenarios).map((scenario) => [stream, scenario]));

describe.each(pairs)("a %s stream in %s", (streamName, scenarioName) => {
  it("tells what the scenario grants, and asks for outputs that exist", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const stream = streams[streamName](seed);
        const scenario = scenarios[scenarioName](stream);
        const inTraining = scenario.taskLabels === "never" ? [] : ["task"];
        const atTest = scenario.taskLabels === "always" ? ["task"] : [];
        const heads = scenario.taskLabels === "always" ? ["outputs"] : [];
        for (let task = 0; task < stream.tasks; task++) {
          const [train, test] = [stream.train(task), stream.test(task)];
          expect(Math.min(train.length, test.length)).toBeGreaterThan(0);
          for (let i = 0; i < train.length; i++) {
            const example = scenario.example(task, train.input(i), train.label(i));
            expect(Object.keys(example).toSorted()).toEqual([...heads, ...inTraining, "x", "y"]);
            expect(example.x).toEqual(train.input(i));
            expect(example.y).toBe(scenario.answer(task, train.label(i)));
            expect(example.y).toBeLessThan(scenario.outputs);
            expect(example.task).toBe(inTraining.length > 0 ? task : undefined);
          }
          for (let i = 0; i < test.length; i++) {
            const query = scenario.query(task, test.input(i));
            expect(Object.keys(query).toSorted()).toEqual([...heads, ...atTest, "x"]);
            const outputs = query.outputs ?? Array.from({ length: scenario.outputs }, (_, unit) => unit);
            expect(outputs).toContain(scenario.answer(task, test.label(i)));
            expect(outputs).toEqual(outputs.toSorted((a, b) => a - b));
            expect(outputs.at(-1)).toBeLessThan(scenario.outputs);
          }
        }
      }),
      { numRuns: 3 },
    );
  });

  it("gives tasks units of their own, or the same for all", () => {
    const stream = streams[streamName](1);
    const scenario = scenarios[scenarioName](stream);
    const units = Array.from({ length: stream.tasks }, (_, task) =>
      stream.classesOf(task).map((_, label) => scenario.answer(task, label)),
    );
    const shared = scenarioName.startsWith("domain-il");
    expect(scenario.outputs).toBe(shared ? stream.classesOf(0).length : stream.classes);
    expect(new Set(units.flat()).size).toBe(shared ? units[0].length : units.flat().length);
  });
});
