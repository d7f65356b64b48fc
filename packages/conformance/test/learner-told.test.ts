import { checkLearner, toyDataset, toyStream } from "@everlearn/conformance";
import type { Example, Plugin, Stream } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { failures } from "./caught.js";

const options = { alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate." } } as const;

it("passes a learner that needs task labels, which says so", async () => {
  const plugin = (
    needs: ("network" | "taskLabels")[],
  ): Plugin<"learner", typeof options, "network" | "taskLabels"> => ({
    kind: "learner",
    name: "task-counter",
    contract: 2,
    description: "Online learning that asks for the task.",
    options,
    needs,
    create: ({ alpha }, { network }) => ({
      observe(batch) {
        if (batch.some(({ task }) => task === undefined)) throw new TypeError("There is no task label.");
        network.descend(batch, alpha);
      },
      endTask() {},
      predict: (queries) => network.predict(queries),
      save: () => null,
      load() {},
    }),
  });
  await checkLearner(plugin(["network", "taskLabels"]), { options: { alpha: 0.1 } });
  const found = await failures(checkLearner(plugin(["network"]), { options: { alpha: 0.1 } }));
  expect(found.find(({ check }) => check === "unlabelled")?.sentence).toBe(
    'learner "task-counter" must learn and answer without the task labels that it does not say it needs, in training or at test, but it threw TypeError: There is no task label.',
  );
});

it("passes a learner that needs task labels at test, which says so", async () => {
  const plugin = (
    needs: ("network" | "testTaskLabels")[],
  ): Plugin<"learner", typeof options, "network" | "testTaskLabels"> => ({
    kind: "learner",
    name: "task-asker",
    contract: 2,
    description: "Online learning that asks for the task at test.",
    options,
    needs,
    create: ({ alpha }, { network }) => ({
      observe: (batch) => void network.descend(batch, alpha),
      predict(queries) {
        if (queries.some(({ task }) => task === undefined)) throw new TypeError("There is no task label.");
        return network.predict(queries);
      },
      save: () => null,
      load() {},
    }),
  });
  await checkLearner(plugin(["network", "testTaskLabels"]), { options: { alpha: 0.1 } });
  const found = await failures(checkLearner(plugin(["network"]), { options: { alpha: 0.1 } }));
  expect(found.map(({ check }) => check)).toContain("unlabelled");
});

it("passes a learner that learns where a task ends, which says that it needs boundaries", async () => {
  const plugin = (
    needs: ("network" | "boundaries" | "taskLabels")[],
  ): Plugin<"learner", typeof options, "network" | "boundaries" | "taskLabels"> => ({
    kind: "learner",
    name: "patient",
    contract: 2,
    description: "Learns a task where it ends.",
    options,
    needs,
    create({ alpha }, { network }) {
      let seen: Example[] = [];
      return {
        observe: (batch) => void seen.push(...batch),
        endTask() {
          for (const example of seen) network.descend([example], alpha);
          seen = [];
        },
        predict: (queries) => network.predict(queries),
        save: () => [...seen],
        load(state) {
          seen = [...(state as unknown as Example[])];
        },
      };
    },
  });
  await checkLearner(plugin(["network", "boundaries"]), { options: { alpha: 0.1 } });
  const found = await failures(checkLearner(plugin(["network", "taskLabels"]), { options: { alpha: 0.1 } }));
  expect(found.map(({ check }) => check)).toEqual(["unbounded"]);
});

it("teaches a stream without boundaries, experience after experience", async () => {
  const five = toyStream({ tasks: 5 }, { dataset: toyDataset(), random: random(1) });
  const mixed: Stream = {
    ...five,
    experiences: 3,
    boundaries: false,
    train(experience) {
      const [one, other] = [five.train(0), five.train(4)];
      const from = (i: number) => (i % 2 === 0 ? one : other);
      return {
        length: 90,
        label: (i) => from(i).label(90 * experience + i),
        input: (i, into) => from(i).input(90 * experience + i, into),
        task: (i) => from(i).task(i),
      };
    },
  };
  const tasks: (number | undefined)[] = [];
  let ends = 0;
  const plugin: Plugin<"learner", typeof options, "network" | "taskLabels"> = {
    kind: "learner",
    name: "witness",
    contract: 2,
    description: "Online learning that notes what it meets.",
    options,
    needs: ["network", "taskLabels"],
    create: ({ alpha }, { network }) => ({
      observe(batch) {
        tasks.push(...batch.map(({ task }) => task));
        network.descend(batch, alpha);
      },
      endTask: () => void ends++,
      predict: (queries) => network.predict(queries),
      save: () => null,
      load() {},
    }),
  };
  await checkLearner(plugin, { options: { alpha: 0.1 }, stream: mixed });
  expect(tasks.slice(0, 270)).toEqual(Array.from({ length: 270 }, (_, i) => (i % 2) * 4));
  expect(ends).toBe(0);
});
