import type { Buffer, Example, OptionsFor, Plugin, Random, State } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";

const options = {
  capacity: { type: "integer", minimum: 1, description: "The most examples it holds." },
  variant: {
    type: "string",
    enum: ["exact", "released"],
    default: "exact",
    description: 'How item n is accepted: with probability capacity/n, or capacity/(n+1) as in MER\'s "released" code.',
  },
} as const;

/**
 * Reservoir sampling (Vitter 1985, Algorithm R): after n items each of them is held with probability capacity/n.
 * `variant: "released"` gives the first `capacity` items (capacity+1)/(n+1) and each later one capacity/(n+1).
 */
export function reservoir<E = Example>(given: OptionsFor<typeof options>, { random }: { random: Random }): Buffer<E> {
  const { capacity, variant } = withDefaults(options, given);
  let items: E[] = [];
  let seen = 0;
  return {
    capacity,
    get size() {
      return items.length;
    },
    add(item) {
      seen++;
      if (items.length < capacity) {
        items.push(item);
        return;
      }
      const slot = random.integer(variant === "exact" ? seen : seen + 1);
      if (slot < capacity) items[slot] = item;
    },
    sample: (count) => Array.from({ length: Math.min(count, items.length) }, () => items[random.integer(items.length)]),
    all: () => [...items],
    save: () => ({ items: [...items] as State[], seen }),
    load(state) {
      const saved = state as { items: readonly E[]; seen: number };
      items = [...saved.items];
      seen = saved.seen;
    },
  };
}

const plugin: Plugin<"buffer", typeof options> = {
  kind: "buffer",
  name: "reservoir",
  contract: 2,
  description: "Reservoir sampling: every example of the stream is kept with the same probability.",
  paper: "Vitter 1985, Random Sampling with a Reservoir, Algorithm R",
  options,
  create: reservoir,
};
export default plugin;
