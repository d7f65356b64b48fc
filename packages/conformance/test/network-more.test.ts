import { checkNetwork, referenceNetwork } from "@everlearn/conformance";
import type { Network, Plugin, Query, Vector } from "@everlearn/contracts";
import { expect, it } from "vitest";
import { failures } from "./caught.js";
import { type Change, checking, options, vectors } from "./toy-network.js";

it("passes a sound network", () => checking(() => ({}))());
it("passes a sound network of other sizes", () =>
  checkNetwork(
    { kind: "network", name: "toy", contract: 2, description: "One.", options, create: referenceNetwork },
    { options: { hidden: 40 }, inputs: 9, outputs: 4 },
  ));

const operations: [string, (vector: Vector) => Partial<Vector>, string][] = [
  [
    "divide",
    (v) => ({ divide: (w) => v.fromArray(v.toArray().map((x, i) => x / w.toArray()[i])) }),
    "v.divide(w) made 0",
  ],
  ["sqrt", () => ({ sqrt() {} }), "v.map(Math.abs) and sqrt() made"],
  ["addProduct", (v) => ({ addProduct: (a, b) => v.addProduct(a, b) }), "v.addProduct(w, v, -0.5) made"],
  ["addProduct", (v) => ({ addProduct: (a, _, scale) => v.addProduct(a, a, scale) }), "v.addProduct(v, w) made"],
  ["times", (v) => ({ times: (w) => v.times(typeof w === "number" ? Math.abs(w) : w) }), "v.times(-3) made"],
  ["dot", (v) => ({ dot: (w) => v.dot(w) * 1.01 }), "v.dot(w) is"],
];
it.each(operations)("catches a wrong %s", async (_, alter, says) => {
  const found = await failures(vectors(alter)());
  expect(found.find(({ check }) => check === "vector operations")?.sentence).toContain(says);
});

const descents: [string, Change, string][] = [
  [
    "does not clip",
    ({ descend }) => ({ descend: (batch, rate) => descend(batch, rate) }),
    "after a step on 1 with clip",
  ],
  [
    "answers the loss after the step",
    ({ descend }) => ({
      descend: (batch, rate, limits) => (descend(batch, rate, limits), descend(batch, 0, limits)),
    }),
    "a step on 1 answers a loss of",
  ],
];
it.each(descents)("catches a descent that %s", async (_, change, says) => {
  const found = await failures(checking(change)());
  expect(found.find(({ check }) => check === "fast descend")?.sentence).toContain(says);
});

it("catches slopes by inputs that are wrong", async () => {
  const change: Change = ({ backward, inputs }) => ({
    backward(batch, logits, features, into, slopes) {
      backward(batch, logits, features, into, slopes);
      slopes?.fill(0, inputs);
    },
  });
  const found = await failures(checking(change)());
  expect(found.map(({ check }) => check)).toEqual(["backward to inputs"]);
  expect(found[0].sentence).toContain("at input");
});

it("catches another error, or a loss that is not finite, where training diverges", async () => {
  const diverging = async (otherwise: () => number) => {
    const call = checking(({ descend }) => ({
      descend(batch, rate, limits) {
        try {
          return descend(batch, rate, limits);
        } catch {
          return otherwise();
        }
      },
    }));
    return (await failures(call())).map(({ check, sentence }) => `${check}: ${sentence}`).join();
  };
  expect(await diverging(() => Number.NaN)).toContain("descend answered a loss of NaN");
  const thrown = () => {
    throw new Error("Oh.");
  };
  expect(await diverging(thrown)).toContain("descend threw Error: Oh");
});

it("passes a network made of another one, which it keeps as it is", async () => {
  let handed: Network | undefined;
  const headed: Plugin<"network", typeof options, "of"> = {
    kind: "network",
    name: "headed",
    contract: 2,
    description: "A network on another one's features.",
    options,
    needs: ["of"],
    create(given, { of, inputs, outputs, random }) {
      handed = of;
      const count = of.features([{ x: new Float32Array(inputs) }]).length;
      const head = referenceNetwork(given, { inputs: count, outputs, random });
      const seen = <Q extends Query>(batch: readonly Q[]) => {
        const features = of.features(batch);
        return batch.map((one, i) => ({ ...one, x: features.slice(i * count, (i + 1) * count) }));
      };
      const { theta, layers, vector, save, load, dispose } = head;
      return {
        ...{ theta, inputs, outputs, layers, vector, save, load, dispose },
        gradient: (batch, into) => head.gradient(seen(batch), into),
        logits: (queries) => head.logits(seen(queries)),
        features: (queries) => head.features(seen(queries)),
      };
    },
  };
  await checkNetwork(headed);
  expect(handed?.predict([{ x: new Float32Array(14) }])).toHaveLength(1); // it is complete
  const own: Parameters<typeof checkNetwork>[1] = {
    of: (given) => referenceNetwork({ hidden: 3 }, given),
    linear: true,
  };
  await checkNetwork(headed, own);
  expect(handed?.features([{ x: new Float32Array(14) }])).toHaveLength(3);
});
