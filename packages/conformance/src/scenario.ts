import type {
  Dependencies,
  Example,
  Need,
  OptionsFor,
  OptionsSchema,
  Plugin,
  Query,
  Scenario,
  Stream,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { copy, difference } from "./difference.js";
import { toyDataset, toyStream } from "./fixtures/data.js";
import { toyScenario } from "./fixtures/scenario.js";
import type { AnyPlugin, Check, Judged } from "./check.js";
import { judge } from "./report.js";
import { madeOf } from "./state.js";
import { watch } from "./watch.js";

/** What a scenario is tried with. */
export interface ScenarioSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /**
   * Streams to try it on; by default one whose tasks share four classes and one with two classes of its own in each
   * task. One that it refuses with a RangeError is left out, unless it refuses them all.
   */
  readonly streams?: readonly Stream[];
  /** Makes the scenario that one made of another is given; by default one head that all tasks share. */
  readonly of?: (given: Dependencies<"scenario">) => Scenario | Promise<Scenario>;
}

interface Case {
  readonly stream: Stream;
  readonly scenario: Scenario;
}

interface Subject {
  readonly judged: Judged<"scenario">;
  /** A fresh scenario for each of the streams that it takes. */
  readonly cases: (options?: object) => Promise<Case[]>;
}

const defaults = (): Stream[] => [
  toyStream({ tasks: 3 }, { dataset: toyDataset({ train: 40, test: 20 }), random: random(8) }),
  toyStream({ tasks: 3, split: true }, { dataset: toyDataset({ classes: 6, train: 60, test: 30 }), random: random(9) }),
];

/** One example as the scenario shows it, with what it was made from. */
interface Shown {
  readonly scenario: Scenario;
  readonly task: number;
  readonly label: number;
  readonly x: Example["x"];
  readonly example: Example;
  readonly query: Query;
}

function* shown({ stream, scenario }: Case): Generator<Shown> {
  for (let task = 0; task < stream.tasks; task++) {
    const x = stream.test(task).input(0);
    for (let label = 0; label < stream.classesOf(task).length; label++)
      yield { scenario, task, label, x, example: scenario.example(task, x, label), query: scenario.query(task, x) };
  }
}

async function each({ cases }: Subject, look: (one: Shown) => string | undefined): Promise<string | undefined> {
  for (const one of await cases())
    for (const item of shown(one)) {
      const found = look(item);
      if (found) return `for label ${item.label} of task ${item.task} ${found}`;
    }
  return undefined;
}

/** What every scenario must do. */
export const scenarioChecks: readonly Check<Subject>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock",
    async run({ cases }) {
      const used = await watch(async () => (await cases()).map((one) => [...shown(one)]));
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ cases, judged }) {
      const options = judged.options();
      for (const one of await cases(options)) Array.from(shown(one));
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "declaration",
    must: "say when task labels are there, how many outputs it needs and, if it likes, whether tasks' ends may be told",
    async run({ cases }) {
      for (const { scenario } of await cases()) {
        if (!["never", "training", "always"].includes(scenario.taskLabels))
          return `taskLabels is "${scenario.taskLabels}"`;
        if (!Number.isInteger(scenario.outputs) || scenario.outputs < 1) return `outputs is ${scenario.outputs}`;
        if (!["undefined", "boolean"].includes(typeof scenario.boundaries))
          return `boundaries is ${JSON.stringify(scenario.boundaries)}`;
      }
      return undefined;
    },
  },
  {
    name: "answers",
    must: "answer each label of a task with an output of its own, which is the example's y",
    async run(subject) {
      for (const one of await subject.cases()) {
        const { stream, scenario } = one;
        for (let task = 0; task < stream.tasks; task++) {
          const answers = stream.classesOf(task).map((_, label) => scenario.answer(task, label));
          if (new Set(answers).size < answers.length) return `two labels of task ${task} have the same output`;
        }
      }
      return each(subject, ({ scenario, task, label, example }) => {
        const right = scenario.answer(task, label);
        if (!(Number.isInteger(right) && right >= 0 && right < scenario.outputs))
          return `the answer is ${right} of ${scenario.outputs}`;
        return example.y === right ? undefined : `y is ${example.y} where the answer is ${right}`;
      });
    },
  },
  {
    name: "task labels",
    must: "give the task's number exactly where it grants it",
    run: (subject) =>
      each(subject, ({ scenario: { taskLabels }, task, example, query }) => {
        const wrong = (what: string, given: Query, granted: boolean) => {
          if ("task" in given !== granted) return `${what} ${granted ? "lacks" : "has"} a task label`;
          return granted && given.task !== task ? `${what} has the task label ${given.task}` : undefined;
        };
        return (
          wrong("the example", example, taskLabels !== "never") ?? wrong("the query", query, taskLabels === "always")
        );
      }),
  },
  {
    name: "no answer in queries",
    must: "leave out of a query all that tells its answer",
    run: (subject) =>
      each(subject, ({ query, example }) => {
        if ("y" in query) return "the query has a y";
        const known = ["x", "y", "task", "outputs"];
        const extra = [...Object.keys(query), ...Object.keys(example)].find((key) => !known.includes(key));
        return extra && `there is a property "${extra}"`;
      }),
  },
  {
    name: "outputs",
    must: "list as outputs ascending units among which the answer is",
    run: (subject) =>
      each(subject, ({ scenario, task, label, example, query }) => {
        for (const [what, { outputs }] of Object.entries({ "the example": example, "the query": query })) {
          if (outputs === undefined) continue;
          const list = outputs.join(", ");
          if (!outputs.every((o) => Number.isInteger(o) && o >= 0 && o < scenario.outputs))
            return `${what} lists ${list} of ${scenario.outputs} outputs`;
          if (outputs.some((o, i) => i > 0 && o <= outputs[i - 1]))
            return `${what} lists ${list}, which does not ascend`;
          if (!outputs.includes(scenario.answer(task, label))) return `${what} lists ${list} without the answer`;
        }
        return undefined;
      }),
  },
  {
    name: "no leak",
    must: "list the same outputs for all tasks where it grants no task label",
    async run({ cases }) {
      for (const one of await cases()) {
        const items = [...shown(one)];
        const { taskLabels } = one.scenario;
        for (const { task, example, query } of items) {
          const leak = (what: string, given: Query, of: Query) => {
            const found = difference(given.outputs && [...given.outputs], of.outputs && [...of.outputs], "the list");
            return found && `${what} of task ${task} tells it: ${found}`;
          };
          const found =
            (taskLabels === "never" ? leak("an example", example, items[0].example) : undefined) ??
            (taskLabels === "always" ? undefined : leak("a query", query, items[0].query));
          if (found) return found;
        }
      }
      return undefined;
    },
  },
  {
    name: "inputs",
    must: "hand inputs on as they are",
    async run({ cases }) {
      for (const { stream, scenario } of await cases()) {
        const x = stream.test(0).input(0);
        const before = copy(x);
        const given = { example: scenario.example(0, x, 0).x, query: scenario.query(0, x).x };
        const found = difference({ x, ...given }, { x: before, example: before, query: before });
        if (found) return found;
      }
      return undefined;
    },
  },
  {
    name: "steadiness",
    must: "show an example the same whatever it showed before",
    async run({ cases }) {
      for (const one of await cases()) {
        const seen = () => [...shown(one)].map(({ example, query }) => ({ example, query }));
        const first = copy(seen());
        const found = difference(seen(), first);
        if (found) return `shown again, ${found}`;
      }
      return undefined;
    },
  },
];

/**
 * Tries a scenario.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkScenario<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"scenario", S, N>,
  setup: ScenarioSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"scenario">;
  await judge("scenario", erased, setup.options ?? {}, scenarioChecks, async (judged) => {
    const streams = setup.streams ?? defaults();
    const makeOf = setup.of ?? ((given) => toyScenario({}, given));
    async function cases(options?: object): Promise<Case[]> {
      const taken: Case[] = [];
      let refusal: unknown = new RangeError("There is no stream to try it on.");
      for (const stream of streams) {
        try {
          const of = await madeOf(judged.needs, () => makeOf({ stream }));
          taken.push({ stream, scenario: await judged.create({ stream, ...of }, options) });
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          refusal = error;
        }
      }
      if (taken.length === 0) throw refusal;
      return taken;
    }
    const [{ scenario }] = await cases();
    return { subject: { judged, cases }, part: scenario };
  });
}
