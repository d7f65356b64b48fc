import { checkLearner, referenceNetwork } from "@everlearn/conformance";
import type { Dependencies, Learner, Need, OptionsSchema, Plugin, Size } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { failures } from "./caught.js";
import nearestMean from "./fixtures/learner.js";

/** A learner without options that needs this. */
const plugin = <N extends Need = never>(
  needs: readonly N[],
  create: (given: Dependencies<"learner", N>) => Learner | Promise<Learner>,
): Plugin<"learner", OptionsSchema, N> => ({
  kind: "learner",
  name: "toy",
  contract: 2,
  description: "A learner to try what it is handed.",
  options: {},
  needs,
  create: (_, given) => create(given),
});

const stateless = { save: () => null, load() {} };

describe("a learner is handed", () => {
  it("the inputs' shape, the sizes and a generator, and of the rest what it needs", async () => {
    const seen = new Map<string, Size>();
    const witness = (needs: readonly Need[]) =>
      checkLearner(
        plugin(needs, (given) => {
          const { shape, inputs, outputs } = given;
          seen.set(Object.keys(given).toSorted().join(" "), { shape, inputs, outputs });
          throw new RangeError("It has seen enough.");
        }),
      );
    for (const needs of [[], ["network"], ["backward"], ["buffer"], ["of"]] as Need[][])
      await expect(witness(needs)).rejects.toThrow("It has seen enough.");
    expect([...seen.keys()]).toEqual([
      "inputs outputs random shape views",
      "createNetwork inputs network outputs random shape views",
      "buffer inputs outputs random shape views",
      "inputs of outputs random shape views",
    ]);
    for (const size of seen.values()) expect(size).toEqual({ shape: [4, 4, 1], inputs: 16, outputs: 4 });
  });

  it("no network that it does not say it needs", async () => {
    const secretive = plugin([], (given) => {
      const { network } = given as unknown as Dependencies<"learner", "network">;
      return {
        observe: (batch) => void network.descend(batch, 0.1),
        predict: (queries) => network.predict(queries),
        ...stateless,
      };
    });
    const found = await failures(checkLearner(secretive));
    expect(found.map(({ check }) => check)).toContain("learning");
    expect(found[0].sentence).toContain("it threw TypeError: Cannot read properties of undefined");
  });

  it("boundaries without task labels", async () => {
    let ends = 0;
    await checkLearner(
      plugin(["network", "boundaries"], ({ network }) => ({
        observe(batch) {
          if (batch.some((example) => "task" in example && example.outputs === undefined))
            throw new TypeError("A label!");
          network.descend(batch, 0.1);
        },
        endTask: () => void ends++,
        predict: (queries) => network.predict(queries),
        ...stateless,
      })),
    );
    expect(ends).toBeGreaterThan(10);
  });

  it("a network with backward", async () => {
    const needing = plugin(["backward"], ({ network }) => {
      const gradient = network.vector();
      return {
        observe(batch) {
          const logits = network.logits(batch);
          batch.forEach(({ y, outputs }, n) => {
            const z = logits.subarray(n * network.outputs, (n + 1) * network.outputs);
            // mean squared error to ±1, among the example's outputs
            z.forEach((value, o) => (z[o] = outputs?.includes(o) === false ? 0 : value - (o === y ? 1 : -1)));
          });
          network.backward(batch, logits, null, gradient);
          network.step(gradient, 0.02 / batch.length);
        },
        predict: (queries) => network.predict(queries),
        ...stateless,
      };
    });
    await checkLearner(needing);
    const { message } = await checkLearner(needing, {
      network: (given) => {
        const { backward: _, ...network } = referenceNetwork({}, given);
        return network;
      },
    }).then(
      () => new Error("It passed."),
      (error: Error) => error,
    );
    expect(message).toContain("The setup's network has no backward, which the learner needs");
  });

  it("further networks, which are saved with the first", async () => {
    const sizes: string[] = [];
    const student = plugin(["network"], async ({ network, createNetwork }) => {
      const teacher = await createNetwork("teacher");
      const critic = await createNetwork("critic", { shape: [2, 4], outputs: 1 });
      sizes.push(`${critic.inputs} ${critic.outputs} ${teacher.inputs} ${teacher.outputs}`);
      if (teacher.theta.toArray()[0] === network.theta.toArray()[0]) throw new Error("They are the same.");
      return {
        observe(batch) {
          teacher.descend(batch, 0.1);
          network.descend(batch, 0.1);
          const logits = teacher.logits(batch);
          const rows = batch.map(({ x }, n) => ({ x, logits: logits.slice(n * 4, (n + 1) * 4) }));
          if (teacher.outputs === 4) network.descend(rows, 0.01);
        },
        predict: (queries) => network.predict(queries),
        ...stateless,
      };
    });
    await checkLearner(student);
    expect(new Set(sizes)).toEqual(new Set(["8 1 16 4", "8 1 16 8"]));
    const twice = plugin(["network"], async ({ createNetwork }) => {
      await createNetwork("teacher");
      await createNetwork("teacher");
      throw new Error("It was given both.");
    });
    await expect(checkLearner(twice)).rejects.toThrow('There is a network "teacher" already');
  });

  it("another learner that it is made of, whose state goes with it", async () => {
    const wrapper = (needs: ("of" | "network")[]) =>
      plugin(needs, ({ of }) => ({
        observe: (batch) => of.observe(batch),
        predict: (queries) => of.predict(queries),
        ...stateless,
      }));
    await checkLearner(wrapper(["of"]));
    await checkLearner(wrapper(["of", "network"]));
    await checkLearner(wrapper(["of"]), { of: (given) => nearestMean.create({}, given) });
  });
});

describe("a learner without a network is convicted", () => {
  const changed = (change: (learner: Learner) => Partial<Learner>) =>
    failures(
      checkLearner(
        plugin([], async (given) => {
          const learner = await nearestMean.create({}, given);
          return { ...learner, ...change(learner) };
        }),
      ),
    );
  const checksOf = async (change: (learner: Learner) => Partial<Learner>) =>
    (await changed(change)).map(({ check }) => check);

  it("of learning from queries, by its state", async () => {
    const found = await changed((learner) => ({
      predict(queries) {
        const answers = learner.predict(queries);
        learner.observe(queries.map((query, i) => ({ ...query, y: answers[i] })));
        return answers;
      },
    }));
    const sentence = found.find(({ check }) => check === "predict learns nothing")?.sentence;
    expect(sentence).toContain("asked after every step, learner.sums[");
  });

  it("of a state that it forgets", async () => {
    expect(await checksOf(() => ({ load() {} }))).toContain("resumption");
    expect(
      await checksOf(({ save }) => ({ save: () => ({ ...(save() as object), counts: new Uint32Array(4) }) })),
    ).toContain("resumption");
  });

  it("of writing to examples, queries and the arrays in which they come", async () => {
    expect(
      await checksOf((learner) => ({
        observe(batch) {
          learner.observe(batch);
          batch[0].x.fill(0);
        },
      })),
    ).toContain("inputs unchanged");
    expect(
      await checksOf((learner) => ({
        predict: (queries) =>
          learner.predict((queries as unknown as unknown[]).reverse() as unknown as typeof queries).reverse(),
      })),
    ).toContain("inputs unchanged");
    expect(
      await checksOf((learner) => ({
        observe(batch) {
          learner.observe(batch);
          (batch as unknown as unknown[]).length = 0;
        },
      })),
    ).toContain("inputs unchanged");
  });

  it("of learning nothing", async () => {
    expect(await checksOf(() => ({ observe() {} }))).toContain("learning");
  });
});
