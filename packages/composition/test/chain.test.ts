import type { Kind, Learner, State, Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { type Cell, createCell, type FoundPlugin } from "../src/index.js";
import { fake, happened, inside, mer, planned, raw, refusal } from "./fakes.js";

interface Given {
  readonly of?: Record<string, (...values: unknown[]) => unknown>;
  readonly random: { integer(bound: number): number };
}

/** How a part of each kind with a state and a generator is used once. */
const uses = {
  buffer: { method: "add", use: (cell: Cell) => cell.buffer?.add({ x: new Uint8Array(6), y: 0 }) },
  learner: { method: "observe", use: (cell: Cell) => cell.learner.observe([]) },
  network: { method: "gradient", use: (cell: Cell) => void cell.network?.gradient([], {} as Vector) },
} as const;
type Chained = keyof typeof uses;

/** A part whose state is what it drew last; one that is made of another one uses that too. */
const drawing = (kind: Chained, name: string): FoundPlugin =>
  fake(kind, name, {
    needs: [...(kind === "learner" ? ["network" as const] : []), ...(name === "inner" ? [] : ["of" as const])],
    create(_: unknown, { of, random }: Given) {
      const { method } = uses[kind];
      const first = random.integer(1e9);
      let drawn = first;
      return {
        of,
        first,
        [method](...asked: unknown[]) {
          of?.[method](...asked);
          drawn += random.integer(1e9);
        },
        save: () => drawn,
        load: (state: number) => void (drawn = state),
      };
    },
  });

const chain = { use: "outer", of: { use: "middle", of: { use: "inner" } } };
const changes: { readonly [K in Chained]: object } = {
  buffer: { buffer: chain },
  learner: { learner: chain, buffer: null },
  network: { network: chain },
};
const links = (kind: Chained) => ["outer", "middle", "inner"].map((name) => drawing(kind, name));
const saved = (cell: Cell): Record<string, State> =>
  Object.fromEntries(Object.entries(cell.parts).map(([place, part]) => [place, structuredClone(part.save())]));

describe.each(Object.keys(uses) as Chained[])("a %s that is made of another one, and that of a third", (kind) => {
  const places = [kind, `${kind}/of`, `${kind}/of/of`];
  // A learner may call a further network as one that is made of another is called: their generators differ.
  const [mark, prefix] = kind === "network" ? [":", "of:"] : ["/", ""];
  const generators = ["", `${mark}middle`, `${mark}middle${mark}outer`].map((path) => `random-${kind}${path}`);
  const { use } = uses[kind];

  it("has a generator for each, the innermost the one that it has alone", async () => {
    const cell = await createCell(await planned(changes[kind], links(kind)), 3);
    const own = random(3, kind);
    const middle = own.fork(`${prefix}middle`);
    const forks = [middle.fork(`${prefix}outer`), middle, own];
    // A network is completed before it is handed on, and a learner held to its contract: what they drew is in their state.
    expect(places.map((place) => cell.parts[place].save())).toEqual(forks.map((fork) => fork.integer(1e9)));
    const alone = await createCell(await planned({ ...changes[kind], [kind]: { use: "inner" } }, links(kind)), 3);
    expect(alone.parts[kind].save()).toBe(cell.parts[places[2]].save());
  });

  it("saves and loads all of them, under names of their own", async () => {
    const plan = await planned(changes[kind], links(kind));
    const [cell, other] = [await createCell(plan, 3), await createCell(plan, 3)];
    for (let i = 0; i < 3; i++) use(cell);
    const state = saved(cell);
    expect(Object.keys(state)).toEqual(expect.arrayContaining([...places, ...generators]));
    expect(new Set(places.map((place) => state[place])).size).toBe(3);
    use(cell);
    for (const [place, part] of Object.entries(other.parts)) part.load(state[place]);
    use(other);
    expect(saved(other)).toEqual(saved(cell));
  });

  it.each([...places, ...generators])("needs what it saves as %s", async (left) => {
    const plan = await planned(changes[kind], links(kind));
    const [cell, other] = [await createCell(plan, 3), await createCell(plan, 3)];
    use(cell);
    const state = saved(cell);
    for (const [place, part] of Object.entries(other.parts)) if (place !== left) part.load(state[place]);
    use(cell);
    use(other);
    expect(saved(other)).not.toEqual(saved(cell));
  });

  it("is recorded and lets go of all of them, the outermost first", async () => {
    const plan = await planned(changes[kind], links(kind));
    expect(plan.spec[kind]).toEqual(chain);
    expect(places.map((place) => plan.plugins[place].name)).toEqual(["outer", "middle", "inner"]);
    const cell = await createCell(plan, 0);
    happened.length = 0;
    await cell.dispose();
    expect(happened.filter((line) => /outer|middle|inner/.test(line))).toEqual([
      ...["dispose outer", "dispose middle", "dispose inner"],
    ]);
  });
});

describe("what a part is made of", () => {
  it("is for learners a learner that is held to its contract, with all that learners are handed", async () => {
    const given: object[] = [];
    const plugin = (name: string, needs: readonly ("network" | "buffer" | "of")[]) =>
      fake("learner", name, {
        needs,
        create(_: unknown, own: object) {
          given.push(own);
          return { save: () => name };
        },
      });
    const changes = { learner: { use: "outer", of: { use: "inner" } } };
    const plan = await planned(changes, [plugin("outer", ["of"]), plugin("inner", ["network", "buffer"])]);
    expect(plan.spec.network).toEqual({ use: "mlp", hidden: [100, 100] }); // one link's needs are the whole chain's
    given.length = 0;
    const cell = await createCell(plan, 0);
    const [inner, outer] = given as Record<string, unknown>[];
    const keys = "shape inputs outputs views network createNetwork buffer random".split(" ");
    expect(Object.keys(inner)).toEqual(keys);
    expect(Object.keys(outer)).toEqual([...keys, "of"]);
    expect((outer.of as Learner).save()).toBe("inner");
    expect(inner.network).toBe(cell.network);
  });

  it("is for networks one that is complete, whose gradients are not counted twice", async () => {
    const of: Record<string, unknown>[] = [];
    const head = fake("network", "head", {
      needs: ["of"],
      create(_: unknown, given: { of: Record<string, unknown> }) {
        of.push(given.of);
        const { of: inner } = given as { of: { gradient(batch: unknown, into: unknown): number } };
        return { ...given, gradient: (batch: unknown, into: unknown) => inner.gradient(batch, into) };
      },
    });
    const cell = await createCell(await planned({ network: { use: "head", of: { use: "mlp" } } }, [head]), 0);
    for (const member of ["descend", "step", "losses", "predict", "gram", "gradientGram"])
      expect(of[0][member], member).toBeTypeOf("function");
    cell.network?.gradient([{ x: new Uint8Array(6), y: 0 }], {} as Vector);
    expect(cell.gradients()).toBe(1);
    expect(cell.network).toMatchObject({ inputs: 6, outputs: 2 });
  });

  it("is for optimizers an update rule; both are saved with the network, once one has moved it", async () => {
    const counting = (name: string) =>
      fake("optimizer", name, {
        needs: name === "inner" ? [] : ["of"],
        create(_: unknown, { of, vector }: { of?: { update(): void }; vector(): unknown }) {
          let steps = 0;
          return {
            vector,
            update() {
              of?.update();
              steps += of ? 10 : 1;
            },
            save: () => steps,
            load: (state: number) => void (steps = state),
          };
        },
      });
    const plan = await planned({ optimizer: { use: "outer", of: { use: "inner" } } }, [
      ...["outer", "inner"].map(counting),
    ]);
    expect(plan.plugins["optimizer/of"]).toMatchObject({ name: "inner" });
    const [cell, other] = [await createCell(plan, 0), await createCell(plan, 0)];
    expect(cell.parts.network.save()).toEqual({ network: "theta", optimizer: null });
    const step = (one: Cell) => one.network?.step({} as Vector, 0.1);
    step(cell);
    step(cell);
    expect(cell.parts.network.save()).toEqual({ network: "theta", optimizer: [20, 2] });
    step(other);
    other.parts.network.load(cell.parts.network.save());
    step(other);
    expect(other.parts.network.save()).toEqual({ network: "theta", optimizer: [30, 3] });
  });

  it("is for data sets one that was loaded with the same folder, and part of what tells them apart", async () => {
    const half = fake("dataset", "half", {
      needs: ["of"],
      create: (_: unknown, given: { of: { shape: number[]; checksum: string } }) => ({
        ...given.of,
        ...given,
        checksum: `half of ${given.of.checksum}`,
      }),
    });
    const of = (size: number) => planned({ dataset: { use: "half", of: { use: "glyphs", size } } }, [half]);
    const plan = await of(3);
    expect(plan.dataset).toMatchObject({ checksum: "half of sum3", shape: [2, 3, 1], folder: undefined });
    expect(plan.spec.dataset).toEqual({ use: "half", of: { use: "glyphs", size: 3 } });
    const other = await of(4);
    expect(other.dataset.checksum).toBe("half of sum4");
    expect(other.specId).not.toBe(plan.specId);
    expect(plan.plugins["dataset/of"]).toMatchObject({ name: "glyphs" });
  });

  it("is for scenarios one of the same stream, and for metrics one that answers", async () => {
    const cautious = fake("scenario", "cautious", {
      needs: ["of"],
      create: (_: unknown, { of, stream }: { of: { outputs: number; stream: unknown }; stream: unknown }) => ({
        ...of,
        outputs: of.outputs + 1,
        same: of.stream === stream,
      }),
    });
    const twice = raw("metric", "twice", {
      needs: ["of"],
      create:
        (_: unknown, { of }: { of(evaluations: unknown): number }) =>
        (evaluations: unknown) =>
          2 * of(evaluations),
    });
    const changes = {
      scenario: { use: "cautious", of: { use: "class-il", taskLabels: "training" } },
      metrics: [{ use: "twice", of: { use: "mean", scale: 3 } }, { use: "mean" }],
    };
    const cell = await createCell(await planned(changes, [cautious, twice]), 0);
    expect(inside(cell).scenario).toMatchObject({ outputs: 5, taskLabels: "training", same: true });
    const nothing = { accuracy: [], initial: [], tasks: [], intermediate: [], gradients: 0, bytes: 0 };
    expect(cell.metrics.twice(nothing)).toBe(6);
    expect(cell.metrics.mean(nothing)).toBe(1);
  });

  it.each<[kind: Kind, part: object, example: string]>([
    ["dataset", {}, ', such as "of": {"use": "mnist"}'],
    ["stream", {}, ', such as "of": {"use": "rotated"}'],
    ["scenario", {}, ', such as "of": {"use": "domain-il"}'],
    ["network", {}, ', such as "of": {"use": "mlp"}'],
    ["optimizer", {}, ', such as "of": {"use": "adam"}'],
    ["buffer", {}, ', such as "of": {"use": "reservoir", "capacity": 200}'],
    ["learner", { buffer: null }, ', such as "of": {"use": "online", "alpha": 0.03}'],
    ["metric", {}, ""],
  ])("is asked for where a %s is none without it", async (kind, more, example) => {
    const odd = fake(kind, "odd", { needs: ["of"], create: () => ({}) });
    const own = { use: "odd" };
    const part = kind === "metric" ? { metrics: [own] } : { [kind]: own };
    const whole = kind === "learner" ? part : { learner: mer, ...part };
    expect(await refusal({ ...whole, ...more }, [odd])).toBe(
      `quick.json: ${kind} "odd" is made of another ${kind}, but the run names none; add one${example}.`,
    );
  });
});
