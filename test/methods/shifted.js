// A buffer made of another one: replayed images come back shifted by up to `pixels` in each direction.

const options = /** @type {const} */ ({
  pixels: { type: "integer", minimum: 1, default: 1, description: "The longest shift in each direction." },
});

/** @type {import("@everlearn/contracts").Plugin<"buffer", typeof options, "of">} */
export default {
  kind: "buffer",
  name: "shifted",
  contract: 2,
  description: "Augments replayed images by random shifts.",
  options,
  needs: ["of"],
  create({ pixels }, { of: buffer, random, shape: [rows, columns, channels = 1] }) {
    const draw = () => random.integer(2 * pixels + 1) - pixels;

    /** @param {import("@everlearn/contracts").Input} x */
    function shift(x) {
      const [down, right] = [draw(), draw()];
      return x.map((_, i) => {
        const row = Math.floor(i / (columns * channels)) - down;
        const column = (Math.floor(i / channels) % columns) - right;
        const inside = row >= 0 && row < rows && column >= 0 && column < columns;
        return inside ? x[(row * columns + column) * channels + (i % channels)] : 0;
      });
    }

    return {
      capacity: buffer.capacity,
      get size() {
        return buffer.size;
      },
      add: (example) => buffer.add(example),
      sample: (count) => buffer.sample(count).map((example) => ({ ...example, x: shift(example.x) })),
      all: () => buffer.all(),
      save: () => null, // the inner buffer and the generator are saved by whoever made them
      load() {},
    };
  },
};
