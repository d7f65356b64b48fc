import type { OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { pool, within, withTraining } from "@everlearn/examples";

const options = {
  fraction: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    description: "The share of each experience's examples that come from other experiences.",
  },
} as const;

/**
 * Another stream with its tasks blurred into each other (blurry-M of Bang et al. 2021, M = 100·fraction): of the n examples
 * of each experience, round(fraction·n) are drawn without replacement and exchanged for examples drawn from the others; then
 * each experience is shuffled. Sizes stay the same, every example comes once, and none that was drawn stays in its own
 * experience.
 * @throws RangeError if one experience has more than half of the drawn examples, so that the others cannot take them.
 */
export function blurry(
  { fraction }: OptionsFor<typeof options>,
  { of: stream, random }: { of: Stream; random: Random },
): Stream {
  const all = pool(stream);
  const { starts } = all;
  const home: number[] = []; // the experience of each place from which an example was drawn
  const places: number[] = [];
  for (let e = 0; e < stream.experiences; e++) {
    const n = starts[e + 1] - starts[e];
    for (const i of random.fork(`drawn-${e}`).permutation(n, Math.round(fraction * n))) {
      places.push(starts[e] + i);
      home.push(e);
    }
  }
  const exchanged = exchange(home, random.fork("exchange"));
  const order = Uint32Array.from({ length: all.length }, (_, place) => place);
  places.forEach((place, i) => (order[place] = places[exchanged[i]]));

  return withTraining(stream, {
    experiences: stream.experiences,
    boundaries: false,
    train(e) {
      const start = starts[within(stream.experiences, e, "experience")];
      const shuffled = random.fork(`order-${e}`).permutation(starts[e + 1] - start);
      return all.at(shuffled.map((i) => order[start + i]));
    },
  });
}

/**
 * A random order of 0…n−1 in which no place holds one of its own kind. It begins as a permutation; an element at a place of
 * its own kind is swapped with a random one for which the swap is right, too. There is one as long as no kind has more than
 * half of all.
 */
function exchange(kinds: readonly number[], random: Random): Uint32Array {
  const { length } = kinds;
  const counts = new Map<number, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const [kind, count] of counts)
    if (2 * count > length)
      throw new RangeError(
        `Experience ${kind} has ${count} of the ${length} examples that are to change places, and the others cannot take so many; use a stream whose experiences have more equal sizes, or fraction 0.`,
      );
  const order = random.permutation(length);
  for (let i = 0; i < length; i++) {
    while (kinds[order[i]] === kinds[i]) {
      const j = random.integer(length);
      if (kinds[order[j]] === kinds[i] || kinds[j] === kinds[i]) continue;
      [order[i], order[j]] = [order[j], order[i]];
    }
  }
  return order;
}

const plugin: Plugin<"stream", typeof options, "of"> = {
  kind: "stream",
  name: "blurry",
  contract: 2,
  description: "Another stream's tasks with part of each task's examples moved into the others.",
  paper: "arXiv:2103.17230",
  options,
  needs: ["of"],
  create: blurry,
};
export default plugin;
