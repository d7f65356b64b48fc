import type { OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { chosen, within, withTraining } from "@everlearn/examples";

const options = {
  rounds: {
    type: "integer",
    minimum: 1,
    description: "How many times each experience comes, each time with new examples.",
  },
  order: {
    type: "string",
    enum: ["same", "shuffled"],
    default: "same",
    description: "The order of experiences in the rounds after the first: the first's, or one drawn for each round.",
  },
} as const;

/**
 * Another stream whose experiences come back: each is cut, in the order of its examples, into `rounds` parts whose sizes
 * differ by one at most, and in each round every experience comes once, with its next part.
 * It has boundaries if the other stream has them and no task comes twice in a row.
 * @throws RangeError if an experience has fewer examples than there are rounds.
 */
export function recurring(
  given: OptionsFor<typeof options>,
  { of: stream, random }: { of: Stream; random: Random },
): Stream {
  const { rounds, order } = withDefaults(options, given);
  const count = stream.experiences;
  const sources = Array.from({ length: count }, (_, e) => stream.train(e));
  const short = sources.findIndex(({ length }) => length < rounds);
  if (short >= 0)
    throw new RangeError(
      `stream-recurring cannot cut the ${sources[short].length} training examples of experience ${short} into ${rounds} rounds; use rounds ≤ ${sources[short].length}.`,
    );
  const tasks = sources.map((source, e) => (stream.boundaries ? source.task(0) : e));
  const sequence = Array.from({ length: count }, (_, e) => e);
  for (let round = 1; round < rounds; round++) {
    if (order === "same") sequence.push(...sequence.slice(0, count));
    else sequence.push(...shuffled(tasks, tasks[sequence[sequence.length - 1]], random.fork(`round-${round}`)));
  }
  return withTraining(stream, {
    experiences: sequence.length,
    boundaries: stream.boundaries && sequence.every((e, i) => i === 0 || tasks[e] !== tasks[sequence[i - 1]]),
    train(experience) {
      const round = Math.floor(within(sequence.length, experience, "experience") / count);
      const source = sources[sequence[experience]];
      const [start, end] = [round, round + 1].map((part) => Math.floor((part * source.length) / rounds));
      return chosen(
        source,
        Uint32Array.from({ length: end - start }, (_, i) => start + i),
      );
    },
  });
}

/** A random order of experiences that does not begin with the task that was last, where there is another. */
function shuffled(tasks: readonly number[], last: number, random: Random): number[] {
  let order = [...random.permutation(tasks.length)];
  while (tasks[order[0]] === last && new Set(tasks).size > 1) order = [...random.permutation(tasks.length)];
  return order;
}

const plugin: Plugin<"stream", typeof options, "of"> = {
  kind: "stream",
  name: "recurring",
  contract: 2,
  description: "Another stream's tasks, each coming back several times with new examples.",
  options,
  needs: ["of"],
  create: recurring,
};
export default plugin;
