import type { Buffer, Example, OptionsFor, Plugin, Random } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  capacity: { type: "integer", minimum: 1, description: "The most examples it holds, over all rings." },
  rings: {
    type: "integer",
    minimum: 1,
    description: "The number of rings, one for each task or class; each holds ⌊capacity/rings⌋ examples.",
  },
  per: {
    type: "string",
    enum: ["task", "class"],
    default: "task",
    description: "Whether each task or each class has a ring of its own.",
  },
} as const;

/**
 * Keeps the last ⌊capacity/rings⌋ examples of each task or class (GEM's episodic memory; Chaudhry et al. 2019).
 * A ring keeps its write position while examples go to other rings.
 * @throws RangeError if the capacity is smaller than the number of rings, or an example belongs to no ring.
 */
export function ring(given: OptionsFor<typeof options>, { random }: { random: Random }): Buffer {
  const { capacity, rings, per } = withDefaults(options, given);
  const length = Math.floor(capacity / rings);
  if (length < 1)
    throw new RangeError(`A capacity of ${capacity} leaves no place in each of ${rings} rings; use at least ${rings}.`);
  let held: Example[][] = Array.from({ length: rings }, () => []);
  let next = new Uint32Array(rings);

  function ringOf(example: Example): number {
    const number = per === "class" ? example.y : example.task;
    if (number === undefined) throw new RangeError("A ring per task needs examples with task labels.");
    if (number >= rings)
      throw new RangeError(
        `An example of ${per} ${number} has no ring: there are ${rings}; set "rings" to the number of ${per === "class" ? "classes" : "tasks"}.`,
      );
    return number;
  }

  const total = (): number => held.reduce((size, examples) => size + examples.length, 0);

  /** The example at a place of all rings, counted through from ring to ring. */
  function at(place: number): Example {
    let r = 0;
    for (; place >= held[r].length; r++) place -= held[r].length;
    return held[r][place];
  }

  return {
    capacity: length * rings,
    get size() {
      return total();
    },
    add(example) {
      const r = ringOf(example);
      held[r][next[r]] = example;
      next[r] = (next[r] + 1) % length;
    },
    sample(count) {
      const size = total();
      return Array.from({ length: Math.min(count, size) }, () => at(random.integer(size)));
    },
    all: () => held.flat(),
    save: () => ({ held: held.map((examples) => [...examples]), next: next.slice() }),
    load(state) {
      const saved = state as { held: readonly (readonly Example[])[]; next: Uint32Array };
      held = saved.held.map((examples) => [...examples]);
      next = saved.next.slice();
    },
  };
}

const plugin: Plugin<"buffer", typeof options, "taskLabels"> = {
  kind: "buffer",
  name: "ring",
  contract: 2,
  description: "A ring of the last examples of each task or each class.",
  paper: "arXiv:1706.08840",
  options,
  needs: ({ per }) => (per === "task" ? ["taskLabels"] : []),
  create: ring,
};
export default plugin;
