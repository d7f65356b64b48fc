import { checkScenario, toyScenario } from "@everlearn/conformance";
import type { OptionsSchema, Plugin, Scenario, Stream } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { catches, failures } from "./caught.js";

const options = {
  taskLabels: { type: "string", enum: ["never", "training", "always"], default: "never", description: "When." },
} as const;
type Labels = Scenario["taskLabels"];
type Change = (scenario: Scenario, options: { taskLabels: Labels }, stream: Stream) => Partial<Scenario>;

/** Tries the toy scenario, but for what is changed. */
const checking =
  (change: Change, taskLabels: Labels = "always") =>
  () => {
    const plugin: Plugin<"scenario", typeof options> = {
      kind: "scenario",
      name: "toy",
      contract: 2,
      description: "A scenario to try the checks with.",
      options,
      create(given, { stream }) {
        const scenario = toyScenario(given, { stream });
        return { ...scenario, ...change(scenario, given, stream) };
      },
    };
    return checkScenario(plugin, { options: { taskLabels } });
  };

describe("checkScenario", () => {
  it.each(["never", "training", "always"] as const)("passes a sound scenario with task labels %s", (labels) =>
    checking(() => ({}), labels)(),
  );

  it("passes a scenario that refuses one of the streams", () =>
    checking((_, __, stream) => {
      if (stream.classes > 4) throw new RangeError("Too many classes.");
      return {};
    })());

  catches("scenario", {
    creation: [
      checking(() => {
        throw new RangeError("It takes no stream.");
      }),
      "it threw RangeError: It takes no stream",
    ],
    purity: [checking(({ outputs }) => ({ outputs: Math.max(outputs, Date.now() * 0) })), "it used Date.now()"],
    "options unchanged": [
      checking((_, given) => {
        given.taskLabels = "training";
        return {};
      }),
      'options.taskLabels is "training" rather than "always"',
    ],
    declaration: [checking(() => ({ taskLabels: "sometimes" as Labels })), 'taskLabels is "sometimes"'],
    answers: [
      checking(({ answer }) => ({ answer: (task, label) => answer(task, 0) + (label > 0 ? 1 : 0) })),
      "two labels of task 0 have the same output",
    ],
    "task labels": [
      checking(({ query }) => ({ query: (task, x) => ({ ...query(task, x), task }) }), "training"),
      "the query has a task label",
    ],
    "no answer in queries": [
      checking(({ query }) => ({ query: (task, x) => ({ ...query(task, x), y: 0 }) })),
      "the query has a y",
    ],
    outputs: [
      checking(({ query }) => ({
        query(task, x) {
          const { outputs = [], ...rest } = query(task, x);
          return { ...rest, outputs: [...outputs].reverse() };
        },
      })),
      "the query lists 3, 2, 1, 0, which does not ascend",
    ],
    "no leak": [
      checking(
        ({ query, outputs }) => ({
          query: (task, x) => ({ ...query(task, x), ...(task > 0 && { outputs: [...Array(outputs).keys()] }) }),
        }),
        "never",
      ),
      "a query of task 1 tells it: the list is Array(4) rather than undefined",
    ],
    inputs: [
      checking(({ example }) => ({ example: (task, x, label) => example(task, x.fill(1), label) })),
      "x[0] is 1 rather than",
    ],
    steadiness: [
      checking(({ example }) => {
        let shown = 0;
        return { example: (task, x, label) => ({ ...example(task, x, label), y: shown++ }) };
      }),
      "shown again, [0].example.y is",
    ],
  });

  it("passes a scenario that says whether tasks' ends may be told, and catches another answer", async () => {
    await checking(() => ({ boundaries: false }))();
    const found = await failures(checking(() => ({ boundaries: "no" as unknown as boolean }))());
    expect(found.map(({ check }) => check)).toEqual(["declaration"]);
    expect(found[0].sentence).toContain('boundaries is "no"');
  });

  it("passes a scenario made of another one", () => {
    const quiet: Plugin<"scenario", OptionsSchema, "of"> = {
      kind: "scenario",
      name: "quiet",
      contract: 2,
      description: "Another scenario, which tells no boundaries.",
      options: {},
      needs: ["of"],
      create: (_, { of }) => ({ ...of, boundaries: false }),
    };
    return checkScenario(quiet);
  });

  it("catches a label that is missing, wrong, or leaks by an example's outputs", async () => {
    const sentence = async (call: () => Promise<void>) => (await failures(call()))[0].sentence;
    const unlabelled: Change = ({ example }) => ({
      example(task, x, label) {
        const { task: _, ...rest } = example(task, x, label);
        return rest;
      },
    });
    expect(await sentence(checking(unlabelled))).toContain("the example lacks a task label");
    const wrong: Change = ({ query }) => ({ query: (task, x) => ({ ...query(task, x), task: task + 1 }) });
    expect(await sentence(checking(wrong))).toContain("the query has the task label 1");
    const leaky: Change = ({ example }) => ({
      example: (task, x, label) => ({ ...example(task, x, label), outputs: task === 0 ? [0, 1, 2, 3] : [0, 1] }),
    });
    expect((await failures(checking(leaky, "never")())).map(({ check }) => check)).toContain("no leak");
  });
});
