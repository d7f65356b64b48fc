import reservoir from "@everlearn/buffer-reservoir";
import ring from "@everlearn/buffer-ring";
import { checkBuffer, toyBuffer } from "@everlearn/conformance";
import type { Buffer, Example, Plugin, Random, State } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { catches, failures } from "./caught.js";

const options = { capacity: { type: "integer", minimum: 1, default: 20, description: "The most it holds." } } as const;
interface Toy {
  readonly buffer: Buffer;
  readonly options: { capacity: number };
  readonly random: Random;
}

/** Tries the toy buffer, but for what is changed. */
const checking =
  (change: (toy: Toy) => Partial<Buffer>, setup: { reservoir?: boolean } = {}) =>
  () => {
    const plugin: Plugin<"buffer", typeof options> = {
      kind: "buffer",
      name: "toy",
      contract: 2,
      description: "A buffer to try the checks with.",
      options,
      create(given, { random }) {
        const buffer = toyBuffer(given, { random });
        const altered = change({ buffer, options: given, random });
        return Object.defineProperties(buffer, Object.getOwnPropertyDescriptors(altered));
      },
    };
    return checkBuffer(plugin, setup);
  };

/** The toy buffer's own methods, which stay as they were when others replace them. */
const own = ({ buffer }: Toy) => ({ ...buffer });
let instances = 0;

describe("checkBuffer", () => {
  it("passes a sound buffer", () => checking(() => ({}))());
  it("passes a reservoir", () => checkBuffer(reservoir, { options: { capacity: 30 }, reservoir: true }));
  it("passes a ring per task", () => checkBuffer(ring, { options: { capacity: 30, rings: 2 } }));
  it("passes a ring per class", () => checkBuffer(ring, { options: { capacity: 30, rings: 4, per: "class" } }));

  catches("buffer", {
    creation: [checking(({ buffer }) => (delete (buffer as Partial<Buffer>).all, {})), "it has no all"],
    purity: [
      checking((toy) => {
        const { add } = own(toy);
        return { add: (example) => (Math.random() < 2 ? add(example) : undefined) };
      }),
      "it used Math.random()",
    ],
    "options unchanged": [
      checking(({ options: given }) => {
        given.capacity = 10;
        return {};
      }),
      "options.capacity is 10 rather than 20",
    ],
    "examples unchanged": [
      checking((toy) => {
        const { add } = own(toy);
        return {
          add(example) {
            example.x[0] = 3;
            add(example);
          },
        };
      }),
      "examples[0].x[0] is 3 rather than",
    ],
    "same seed": [
      checking((toy) => {
        const { sample } = own(toy);
        const instance = instances++;
        return { sample: (count) => (instance % 2 === 1 ? sample(count).reverse() : sample(count)) };
      }),
      "of 400 came out otherwise",
    ],
    "plain state": [
      checking((toy) => {
        const { all } = own(toy);
        return { save: () => new Set(all()) as unknown as State };
      }),
      "in its state buffer is a Set",
    ],
    resumption: [checking(() => ({ load() {} })), "came out otherwise"],
    "undisturbed by save": [
      checking((toy) => {
        const { save } = own(toy);
        return {
          save() {
            toy.random.integer(2);
            return save();
          },
        };
      }),
      "of 400 came out otherwise",
    ],
    "saved copy": [
      checking((toy) => {
        const { add } = own(toy);
        const log: Example[] = [];
        return {
          add(example) {
            log.push(example);
            add(example);
          },
          save: () => log,
        };
      }),
      "in the saved state buffer is Array(400) rather than Array(0)",
    ],
    "loaded copy": [
      checking((toy) => {
        const { add, load } = own(toy);
        let log: Example[] = [];
        return {
          add(example) {
            log.push(example);
            add(example);
          },
          load(state) {
            log = state as Example[];
            load(state);
          },
        };
      }),
      "in the given state buffer is Array(",
    ],
    replacement: [
      checking((toy) => {
        const { load, all } = own(toy);
        return { load: (state) => load([...(state as Example[]), ...all()].slice(-20)) };
      }),
      "of 400 came out otherwise",
    ],
    capacity: [checking(() => ({ capacity: 19 })), "it holds 20 of 19 after 20 examples"],
    size: [
      checking((toy) => {
        const { all } = own(toy);
        return {
          get size() {
            return Math.min(all().length, 5);
          },
        };
      }),
      "after 6 examples its size is 5 where all() has 6",
    ],
    contents: [
      checking((toy) => {
        const { all } = own(toy);
        return { all: () => all().map((example) => ({ ...example, y: example.y + 1 })) };
      }),
      "after 1 examples an example.y is",
    ],
    sample: [
      checking((toy) => {
        const { sample } = own(toy);
        return { sample: (count) => sample(Math.max(0, count - 1)) };
      }),
      "of 1 it drew 0 where 1 were asked for",
    ],
    "uniform draws": [
      checking((toy) => {
        const { all } = own(toy);
        return {
          sample(count) {
            const held = all();
            const order = toy.random.permutation(held.length, Math.min(count, held.length));
            return Array.from(order, (i) => held[i]);
          },
        };
      }),
      "in 200 samples of 20 no example came twice",
    ],
    reservoir: [checking(() => ({}), { reservoir: true }), "the first is held in 0.000 and the last in 1.000"],
    reading: [
      checking((toy) => {
        const { add, save, load, all } = own(toy);
        let held: Example[] = [];
        return {
          add(example) {
            add(example);
            held = all();
          },
          all: () => held,
          save,
          load(state) {
            load(state);
            held = all();
          },
        };
      }),
      "after its answer was changed all()",
    ],
  });

  it("passes a buffer that augments what it draws, if it says so", async () => {
    const mirrored: Plugin<"buffer", typeof options, "of"> = {
      kind: "buffer",
      name: "mirrored",
      contract: 2,
      description: "Another buffer, half of whose draws are turned around.",
      options,
      needs: ["of"],
      create: (_, { of, random }) => {
        const turned = (example: Example) => ({ ...example, x: example.x.slice().reverse() });
        return {
          capacity: of.capacity,
          get size() {
            return of.size;
          },
          add: (example) => of.add(example),
          sample: (count) => of.sample(count).map((one) => (random.integer(2) === 0 ? one : turned(one))),
          all: () => of.all(),
          save: () => null,
          load() {},
        };
      },
    };
    await checkBuffer(mirrored, { augments: true });
    const found = await failures(checkBuffer(mirrored));
    expect(found.map(({ check }) => check)).toEqual(["sample"]);
    expect(found[0].sentence).toContain("of those that it drew, an example.x[");
  });

  it("hands over the examples' shape and the number of outputs", async () => {
    const seen: unknown[] = [];
    const witness: Plugin<"buffer", typeof options> = {
      kind: "buffer",
      name: "witness",
      contract: 2,
      description: "A buffer that notes what it is handed.",
      options,
      create(given, { shape, inputs, outputs, random }) {
        seen.push({ shape, inputs, outputs });
        return toyBuffer(given, { random });
      },
    };
    await checkBuffer(witness);
    expect(seen[0]).toEqual({ shape: [4, 4, 1], inputs: 16, outputs: 4 });
    seen.length = 0;
    await checkBuffer(witness, {
      examples: Array.from({ length: 60 }, (_, i) => ({
        x: Float32Array.of(i, 0, 1, 2),
        y: i % 3,
        outputs: [0, 1, 2, 6],
      })),
      shape: [2, 2],
    });
    expect(seen[0]).toEqual({ shape: [2, 2], inputs: 4, outputs: 7 });
  });

  const spoiled: [string, (example: Example) => Example, string][] = [
    ["loses what a learner keeps beside an example", ({ x, y }) => ({ x, y }), "lost what a learner keeps"],
    ["holds other inputs", (example) => ({ ...example, x: example.x.slice().fill(1) }), "an example.x["],
  ];
  it.each(spoiled)("catches a buffer that %s", async (_, spoil, says) => {
    const found = await failures(
      checking((toy) => {
        const { add } = own(toy);
        return { add: (example) => add(spoil(example)) };
      })(),
    );
    expect(found.find(({ check }) => check === "contents")?.sentence).toContain(says);
  });

  it("catches draws that prefer the first", async () => {
    const found = await failures(
      checking((toy) => {
        const { all } = own(toy);
        return {
          sample(count) {
            const held = all();
            const draw = () => held[Math.min(toy.random.integer(held.length), toy.random.integer(held.length))];
            return Array.from({ length: Math.min(count, held.length) }, draw);
          },
        };
      })(),
    );
    expect(found.map(({ check }) => check)).toEqual(["uniform draws"]);
    expect(found[0].sentence).toContain("χ² of 4000 draws from 20 is");
  });
});
