/** @import { Buffer, Example, OptionsFor, Plugin, Random, State } from "@everlearn/contracts" */

const options = /** @type {const} */ ({
  capacity: { type: "integer", minimum: 1, description: "The most examples it holds." },
});

/**
 * The latest examples, to begin with: a new one takes the place of the oldest.
 * @template [E=Example]
 * @param {OptionsFor<typeof options>} options
 * @param {{ random: Random }} given
 * @returns {Buffer<E>}
 */
export function templateName({ capacity }, { random }) {
  /** @type {E[]} */
  let items = [];
  let next = 0;
  return {
    capacity,
    get size() {
      return items.length;
    },
    add(item) {
      items[next] = item;
      next = (next + 1) % capacity;
    },
    sample: (count) => Array.from({ length: Math.min(count, items.length) }, () => items[random.integer(items.length)]),
    all: () => [...items],
    save: () => ({ items: /** @type {State} */ ([...items]), next }),
    load(state) {
      const saved = /** @type {{ items: readonly E[], next: number }} */ (/** @type {unknown} */ (state));
      items = [...saved.items];
      next = saved.next;
    },
  };
}

/** @type {Plugin<"buffer", typeof options>} */
const plugin = {
  kind: "buffer",
  name: "template-name",
  contract: 2,
  description: "The latest examples: a new one takes the place of the oldest.",
  options,
  create: templateName,
};
export default plugin;
