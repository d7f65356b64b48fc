import type { OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { pool, within, withTraining } from "@everlearn/examples";

const options = {
  experiences: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "The number of experiences that the examples are cut into; 0: as many as the other stream has.",
  },
} as const;

/**
 * All training examples of another stream in one random order, cut into parts whose sizes differ by one at most: what the
 * other stream would be without its order. Part e begins at example ⌊e·N/parts⌋ of all N.
 * @throws RangeError if there are fewer examples than parts.
 */
export function iid(given: OptionsFor<typeof options>, { of: stream, random }: { of: Stream; random: Random }): Stream {
  const { experiences } = withDefaults(options, given);
  const all = pool(stream);
  const parts = experiences || stream.experiences;
  if (parts > all.length)
    throw new RangeError(
      `stream-iid cannot cut ${all.length} training examples into ${parts} experiences; use experiences ≤ ${all.length}.`,
    );
  const order = random.fork("order").permutation(all.length);
  const start = (e: number): number => Math.floor((e * all.length) / parts);
  return withTraining(stream, {
    experiences: parts,
    boundaries: false,
    train(e) {
      within(parts, e, "experience");
      return all.at(order.subarray(start(e), start(e + 1)));
    },
  });
}

const plugin: Plugin<"stream", typeof options, "of"> = {
  kind: "stream",
  name: "iid",
  contract: 2,
  description: "Another stream's training examples in random order, without tasks one after the other.",
  options,
  needs: ["of"],
  create: iid,
};
export default plugin;
