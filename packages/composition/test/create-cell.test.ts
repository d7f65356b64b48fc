import type { Network, Term, Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { createCell, createContext, planRun } from "../src/index.js";
import { fake, fakes, happened, inside, mer, planned, raw, refusal, run } from "./fakes.js";

describe("createCell", () => {
  it("hands each part what it asks for, once each", async () => {
    const result = await planned({ network: { use: "mlp", hidden: [] }, batchSize: 10 });
    const cell = await createCell(result, 3);
    const { stream, network, learner, buffer, scenario } = inside(cell);
    expect(cell).toMatchObject({ name: "quick", seed: 3, batchSize: 10, specId: result.specId });
    expect(cell.evaluation).toEqual({ tasks: "all", every: 0, examples: 0 });
    expect(cell.spec).toBe(result.spec);
    expect(network).toMatchObject({
      inputs: 6,
      outputs: 2,
      theta: { hidden: [], draw: random(3, "network").integer(1e9) },
    });
    expect(learner.network).toBe(network);
    expect(learner.buffer).toBe(buffer);
    expect(scenario.stream).toBe(stream);
    expect(stream.dataset).toBe(result.dataset);
    for (const kind of ["stream", "buffer", "learner"])
      expect(inside(cell)[kind].draw).toBe(random(3, kind).integer(1e9));
    expect(Object.keys(cell.parts)).toEqual(
      "network gradients buffer learner random-network random-learner random-buffer random-stream".split(" "),
    );
    expect(cell.parts["random-learner"].save()).not.toEqual(random(3, "learner").save()); // it is the one that drew
    await cell.dispose();
  });

  it("makes a stream of a stream from the inside out, the innermost as it is alone", async () => {
    const of = { use: "plain", tasks: 3 };
    const blurry = { use: "blurry", fraction: 0.5, of };
    const result = await planned({ stream: { use: "blurry", of: { use: "iid", of: blurry } } });
    happened.length = 0;
    const cell = await createCell(result, 3);
    expect(happened.slice(0, 4)).toEqual(["make plain", "make blurry", "make iid", "make blurry"]);
    const links = [inside(cell).stream];
    for (let i = 0; i < 3; i++) links.unshift(links[0].of as (typeof links)[0]);
    const own = random(3, "stream");
    const generators = [
      own,
      own.fork("blurry"),
      own.fork("blurry").fork("iid"),
      own.fork("blurry").fork("iid").fork("blurry"),
    ];
    expect(links.map((link) => link.draw)).toEqual(generators.map((generator) => generator.integer(1e9)));
    expect(links.map((link) => link.fraction)).toEqual([undefined, 0.5, 0, 0]);
    for (const link of links) expect(link.dataset).toBe(result.dataset);
    expect(inside(cell).scenario.stream).toBe(cell.stream);
    const saved = ["", "/blurry", "/blurry/iid", "/blurry/iid/blurry"].map(
      (path) => cell.parts[`random-stream${path}`],
    );
    expect(saved.map((generator) => generator.save())).toEqual(generators.map((generator) => generator.save()));
    happened.length = 0;
    await cell.dispose();
    expect(happened.slice(-4)).toEqual(["dispose blurry", "dispose iid", "dispose blurry", "dispose plain"]);
  });

  it("hands the learner a network that the optimizer moves, and counts its gradients", async () => {
    const cell = await createCell(await planned({ optimizer: { use: "adam", epsilon: 0.5 } }), 3);
    const { network, learner } = inside(cell);
    expect(network).toMatchObject({ inputs: 6, theta: { draw: random(3, "network").integer(1e9) } });
    expect(learner.network).toBe(network);
    expect(cell.parts.network.save()).toEqual({ network: "theta", optimizer: null });
    const x = new Uint8Array(6);
    const two = [
      { x, y: 0 },
      { x, y: 1 },
    ];
    cell.network?.descend(two, 0.1);
    expect(cell.parts.network.save()).toEqual({ network: "theta", optimizer: { m: 1 } });
    cell.network?.gradient(two.slice(1), cell.network.vector());
    expect(cell.gradients()).toBe(3);
    happened.length = 0;
    await cell.dispose();
    expect(happened.filter((line) => /adam|mlp/.test(line))).toEqual(["dispose adam", "dispose mlp"]);
  });

  it("counts gradients without an optimizer too, and goes on counting where a checkpoint stopped", async () => {
    const result = await planned();
    const [cell, other] = [await createCell(result, 0), await createCell(result, 0)];
    expect(cell.loss()).toBeUndefined();
    expect(cell.network?.descend([{ x: new Uint8Array(6), y: 0 }], 0.1)).toBe(0.5);
    expect(cell.loss()).toBe(0.5);
    const saved = cell.parts.gradients.save();
    cell.network?.descend([{ x: new Uint8Array(6), y: 0 }], 0.1);
    expect([cell.gradients(), other.gradients()]).toEqual([2, 0]);
    expect(cell.parts.network.save()).toBe("theta"); // the count is none of a learner's business
    other.parts.gradients.load(saved);
    expect(other.gradients()).toBe(1);
  });

  it("counts the gradients of a network within another one, which may ask it for more than it is asked for", async () => {
    const twice = fake("network", "twice", {
      needs: ["of"],
      create: (_: unknown, { of }: { of: Network }) => ({
        ...{ theta: of.theta, inputs: of.inputs, outputs: of.outputs, vector: () => of.vector() },
        gradient: (batch: readonly Term[], into: Vector) => of.gradient(batch, into) + of.gradient(batch, into),
      }),
    });
    const network = { use: "twice", of: { use: "twice", of: { use: "mlp" } } };
    const cell = await createCell(await planned({ network }, [twice]), 0);
    const batch = [{ x: new Uint8Array(6), y: 0 }];
    expect(cell.network?.gradient(batch, cell.network.vector())).toBe(2);
    expect(cell.gradients()).toBe(4);
    expect(Object.keys(cell.parts).filter((place) => place.startsWith("gradients"))).toEqual([
      "gradients",
      "gradients/of",
      "gradients/of/of",
    ]);
  });

  it("gives a learner without need for a buffer none", async () => {
    const cell = await createCell(await planned({ learner: { use: "online" }, buffer: null }), 0);
    expect(Object.keys(inside(cell).learner.given as object)).toEqual(
      "shape inputs outputs views network createNetwork random".split(" "),
    );
    expect(cell).not.toHaveProperty("buffer");
    expect(cell.parts).not.toHaveProperty("random-buffer");
  });

  it("tells learners and buffers what goes in and what comes out", async () => {
    const size = { shape: [2, 3, 1], inputs: 6, outputs: 4 };
    const sized = fake("buffer", "sized", { create: (_: unknown, given: object) => ({ given }) });
    const cell = await createCell(
      await planned({ buffer: { use: "sized" }, scenario: { use: "class-il" } }, [sized]),
      0,
    );
    expect(cell.learner).toMatchObject(size);
    expect(inside(cell).buffer.given).toMatchObject(size);
  });

  it("makes a new everything for every cell, except the dataset", async () => {
    const base = fakes();
    const dataset = { use: "glyphs", size: 7 };
    const first = await planned({ dataset }, [], base);
    const [a, b] = await Promise.all([createCell(first, 0), createCell(first, 0)]);
    expect(a.network).not.toBe(b.network);
    expect(a.learner).not.toBe(b.learner);
    expect(a.cellId).toBe(b.cellId);
    const second = await planned({ dataset, learner: { ...mer, alpha: 1 } }, [], base);
    expect(second.dataset).toBe(first.dataset);
    expect((await planned({ dataset: { ...dataset, size: 8 } }, [], base)).dataset).not.toBe(first.dataset);
    const elsewhere = await planRun(run({ dataset }), { ...createContext(base), data: "data" });
    expect(elsewhere.dataset).toMatchObject({ folder: "data" });
    expect(happened.filter((line) => line === "make glyphs")).toHaveLength(3);
  });

  it("makes metrics by name", async () => {
    const cell = await createCell(await planned({ metrics: [{ use: "mean", scale: 4 }] }), 0);
    const nothing = { accuracy: [], initial: [], tasks: [], intermediate: [], gradients: 0, bytes: 0 };
    expect(cell.metrics.mean(nothing)).toBe(4);
    await cell.dispose();
  });

  it("lets go of its parts once, the last made first", async () => {
    const result = await planned({ trackers: [{ use: "memory" }] });
    happened.length = 0;
    const cell = await createCell(result, 0);
    const made = happened.map((line) => line.replace("make", "dispose"));
    expect(made[0]).toBe("dispose plain");
    expect(made.at(-1)).toBe("dispose mer"); // a tracker is no part of it
    happened.length = 0;
    await cell.dispose();
    await cell.dispose();
    expect(happened).toEqual(made.toReversed());
  });

  it("lets go of all parts though one of them fails to", async () => {
    const metric = (name: string, text: string) => {
      let times = 0;
      return raw("metric", name, {
        create: () =>
          Object.assign(() => 1, {
            dispose() {
              if (times++ > 0) throw new Error(text); // the first time is the rehearsal of its plan
            },
          }),
      });
    };
    const both = () => [metric("a", "first"), metric("b", "second")];
    const one = await createCell(await planned({ metrics: [{ use: "b" }] }, both()), 0);
    await expect(one.dispose()).rejects.toThrow(new Error("second"));
    const two = await createCell(await planned({ metrics: [{ use: "a" }, { use: "b" }] }, both()), 0);
    happened.length = 0;
    await expect(two.dispose()).rejects.toMatchObject({ errors: [new Error("second"), new Error("first")] });
    expect(happened).toContain("dispose mlp");
  });

  it("lets go of what was made where a later part fails", async () => {
    const buffer = { use: "reservoir", capacity: 13 };
    expect(await refusal({ buffer })).toBe('quick.json: buffer "reservoir": capacity = 13 brings bad luck.');
    expect(happened.filter((line) => !line.endsWith("domain-il"))).toEqual([
      "make glyphs",
      "make plain",
      "make mlp",
      "make reservoir",
      "dispose mlp",
      "dispose plain",
    ]);
  });

  it("lets go even of what was still being made", async () => {
    const hasty = fake("learner", "hasty", {
      needs: ["network"],
      create(_: unknown, { createNetwork }: { createNetwork(name: string): Promise<unknown> }) {
        void createNetwork("teacher");
        throw new RangeError("No time.");
      },
    });
    expect(await refusal({ learner: { use: "hasty" }, buffer: null }, [hasty])).toBe(
      'quick.json: learner "hasty": No time.',
    );
    expect(happened.filter((line) => line.endsWith("mlp"))).toEqual([
      ...["make mlp", "make mlp", "dispose mlp", "dispose mlp"],
    ]);
  });

  it("knows a seed when it sees one", async () => {
    const result = await planned();
    await expect(createCell(result, Number.NaN)).rejects.toThrow(RangeError);
    await expect(createCell(result, -0)).rejects.toThrow(RangeError);
    await expect(createCell(result, 0.5)).rejects.toThrow("A seed is an integer; 0.5 is not.");
  });
});
