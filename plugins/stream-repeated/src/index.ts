import type { Experience, OptionsFor, Plugin, Random, Stream } from "@everlearn/contracts";
import { withDefaults } from "@everlearn/contracts";
import { within, withTraining } from "@everlearn/examples";

const options = {
  examplesPerExperience: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "Training examples of each experience, in as many passes as they take; 0: `passes` decides.",
  },
  passes: {
    type: "integer",
    minimum: 0,
    default: 0,
    description: "Passes over each experience; 0: `examplesPerExperience` decides.",
  },
} as const;

/**
 * Another stream whose experiences come in several passes, each in a new random order: `passes` of them, or as many as
 * `examplesPerExperience` examples take, the last of which may be cut short.
 * @throws RangeError if both or neither of the two are given.
 */
export function repeated(
  given: OptionsFor<typeof options>,
  { of: stream, random }: { of: Stream; random: Random },
): Stream {
  const { examplesPerExperience, passes } = withDefaults(options, given);
  if (examplesPerExperience > 0 === passes > 0)
    throw new RangeError(
      `stream-repeated repeats until examplesPerExperience have come or for a number of passes, but ${passes > 0 ? "both are" : "neither is"} given; set one of them above 0.`,
    );
  return withTraining(stream, {
    experiences: stream.experiences,
    boundaries: stream.boundaries,
    train(e) {
      const source = stream.train(e);
      return inPasses(source, examplesPerExperience || passes * source.length, random.fork(`experience-${e}`));
    },
  });
}

/** The first `length` examples of pass after pass; a pass's order is made when it is first read. */
function inPasses(source: Experience, length: number, random: Random): Experience {
  const orders: Uint32Array[] = [];
  /** Where example `i` is in the source. */
  function place(i: number): number {
    const pass = Math.floor(within(length, i, "example") / source.length);
    orders[pass] ??= random.fork(`pass-${pass}`).permutation(source.length);
    return orders[pass][i % source.length];
  }
  return {
    length,
    label: (i) => source.label(place(i)),
    input: (i, into) => source.input(place(i), into),
    task: (i) => source.task(place(i)),
  };
}

const plugin: Plugin<"stream", typeof options, "of"> = {
  kind: "stream",
  name: "repeated",
  contract: 2,
  description: "Another stream's tasks in several passes, each in a new order.",
  options,
  needs: ["of"],
  create: repeated,
};
export default plugin;
