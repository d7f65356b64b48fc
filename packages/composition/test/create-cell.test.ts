import { join } from "node:path";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { type Cell, compose, plan } from "../src/index.js";
import { happened, mer, planned, refusal, run } from "./quick.js";
import { fake, fakes, tree } from "./tree.js";

/** What the fakes answer beyond their contracts. */
const inside = (cell: Cell) => cell as unknown as Record<string, Record<string, unknown>>;

describe("compose", () => {
  it("hands each part what it asks for, once each", async () => {
    const result = await planned({ network: { use: "mlp", hidden: [] }, batchSize: 10 });
    const cell = await compose(result, 3);
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
      "network buffer learner gradients random-stream random-network random-learner random-buffer".split(" "),
    );
    expect(cell.parts["random-learner"].save()).not.toEqual(random(3, "learner").save()); // it is the one that drew
    await cell.dispose();
  });

  it("makes a stream of a stream from the inside out, the innermost as it is alone", async () => {
    const of = { use: "plain", tasks: 3 };
    const blurry = { use: "blurry", fraction: 0.5, of };
    const result = await planned({ stream: { use: "blurry", of: { use: "iid", of: blurry } } });
    happened.length = 0;
    const cell = await compose(result, 3);
    expect(happened.slice(0, 4)).toEqual(["make stream", "make blurry", "make iid", "make blurry"]);
    const links = [inside(cell).stream];
    for (let i = 0; i < 3; i++) links.unshift(links[0].stream as (typeof links)[0]);
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
    expect(happened.slice(-4)).toEqual(["dispose blurry", "dispose iid", "dispose blurry", "dispose stream"]);
  });

  it("hands the learner the optimizer's network, and counts what that asks of the network", async () => {
    const cell = await compose(await planned({ optimizer: { use: "adam", epsilon: 0.5 } }), 3);
    const { network, learner } = inside(cell);
    expect(network).toMatchObject({ epsilon: 0.5, inputs: 6, theta: { draw: random(3, "network").integer(1e9) } });
    expect(learner.network).toBe(network);
    expect(cell.parts.network.save()).toEqual({ network: "theta", m: 1 });
    const x = new Uint8Array(6);
    cell.network.descend(
      [
        { x, y: 0 },
        { x, y: 1 },
      ],
      0.1,
    );
    (network.inner as Cell["network"]).descend([{ x, y: 0 }], 0.1);
    expect(cell.gradients()).toBe(3);
    happened.length = 0;
    await cell.dispose();
    expect(happened.filter((line) => /optimizer|network/.test(line))).toEqual(["dispose optimizer", "dispose network"]);
  });

  it("counts gradients without an optimizer too, and goes on counting where a checkpoint stopped", async () => {
    const result = await planned();
    const [cell, other] = [await compose(result, 0), await compose(result, 0)];
    expect(cell.network.descend([{ x: new Uint8Array(6), y: 0 }], 0.1)).toBe(0.5);
    const saved = cell.parts.gradients.save();
    cell.network.descend([{ x: new Uint8Array(6), y: 0 }], 0.1);
    expect([cell.gradients(), other.gradients()]).toEqual([2, 0]);
    expect(cell.parts.network.save()).toBe("theta"); // the count is none of a learner's business
    other.parts.gradients.load(saved);
    expect(other.gradients()).toBe(1);
  });

  it("gives a learner without need for a buffer none", async () => {
    const cell = await compose(await planned({ learner: { use: "online" }, buffer: null }), 0);
    expect(Object.keys(inside(cell).learner.given as object)).toEqual(["network", "random"]);
    expect(cell).not.toHaveProperty("buffer");
    expect(cell.parts).not.toHaveProperty("random-buffer");
  });

  it("makes a new everything for every cell, except the dataset", async () => {
    const root = tree(fakes());
    const dataset = { use: "glyphs", size: 7 };
    const first = await planned({ dataset }, root);
    const [a, b] = await Promise.all([compose(first, 0), compose(first, 0)]);
    expect(a.network).not.toBe(b.network);
    expect(a.learner).not.toBe(b.learner);
    expect(a.cellId).toBe(b.cellId);
    const second = await planned({ dataset, learner: { ...mer, k: 1 } }, root);
    expect(second.dataset).toBe(first.dataset);
    expect((await planned({ dataset: { ...dataset, size: 8 } }, root)).dataset).not.toBe(first.dataset);
    const folder = join(root, "data");
    const elsewhere = await plan(run({ dataset }), { from: [root], folder });
    expect(elsewhere.dataset).toMatchObject({ folder });
    expect(happened.filter((line) => line === "make dataset")).toHaveLength(3);
  });

  it("makes metrics by name", async () => {
    const cell = await compose(await planned({ metrics: [{ use: "mean", scale: 4 }] }), 0, { directory: "out/quick" });
    expect(cell.metrics.mean({ accuracy: [], initial: [], tasks: [], glances: [], gradients: 0, bytes: 0 })).toBe(4);
    await cell.dispose();
  });

  it("lets go of its parts once, the last made first", async () => {
    const result = await planned({ trackers: [{ use: "memory" }] });
    happened.length = 0;
    const cell = await compose(result, 0, { directory: "x" });
    const made = happened.map((line) => line.replace("make", "dispose"));
    expect(made[0]).toBe("dispose stream");
    expect(made.at(-1)).toBe("dispose learner"); // a tracker is no part of it
    happened.length = 0;
    await cell.dispose();
    await cell.dispose();
    expect(happened).toEqual(made.reverse());
  });

  it("lets go of all parts though one of them fails to", async () => {
    const body = (text: string) =>
      // The first time is the rehearsal of its plan.
      `options: {}, times: 0, create() { return Object.assign(() => 1, { dispose: () => {
        if (this.times++ > 0) throw new Error("${text}"); } }); }`;
    const files = {
      ...fakes(),
      ...fake({ kind: "metric", name: "a", body: body("first") }),
      ...fake({ kind: "metric", name: "b", body: body("second") }),
    };
    const metrics = [{ use: "a" }, { use: "b" }];
    const one = await compose(await planned({ metrics: metrics.slice(1) }, tree(files)), 0);
    await expect(one.dispose()).rejects.toThrow(new Error("second"));
    const two = await compose(await planned({ metrics }, tree(files)), 0);
    happened.length = 0;
    await expect(two.dispose()).rejects.toMatchObject({ errors: [new Error("second"), new Error("first")] });
    expect(happened).toContain("dispose network");
  });

  it("lets go of what was made where a later part fails, even of what was still being made", async () => {
    const buffer = { use: "reservoir", capacity: 13 };
    expect(await refusal({ buffer })).toBe('quick.json: buffer "reservoir": capacity = 13 brings bad luck.');
    expect(happened).toEqual([
      "make dataset",
      "make stream",
      "make buffer",
      "make network",
      "dispose network",
      "dispose stream",
    ]);
  });

  it("knows a seed when it sees one", async () => {
    const result = await planned();
    await expect(compose(result, Number.NaN)).rejects.toThrow(RangeError);
    await expect(compose(result, -0)).rejects.toThrow(RangeError);
    await expect(compose(result, 0.5)).rejects.toThrow("A seed is an integer; 0.5 is not.");
  });
});
