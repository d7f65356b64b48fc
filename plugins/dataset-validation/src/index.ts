import {
  type Dataset,
  type Examples,
  type Input,
  type OptionsFor,
  type Plugin,
  withDefaults,
} from "@everlearn/contracts";
import { sha256 } from "@everlearn/digest";

const options = {
  fraction: {
    type: "number",
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: 0.1,
    description: "The part of each class's training examples that is held out as the test.",
  },
} as const;

/**
 * Another data set's training examples, of which a part of each class is held out and is the test; its own test examples are
 * not there. Options are tuned on it, so that what they are judged by was never seen.
 * @throws RangeError if the part is so small, or so large, that one of the two is empty.
 */
export function validation(given: OptionsFor<typeof options>, { of: whole }: { of: Dataset }): Dataset {
  const { fraction } = withDefaults(options, given);
  const { shape, classes, classNames, train, checksum } = whole;
  const seen = new Uint32Array(classes);
  const kept: number[] = [];
  const held: number[] = [];
  for (let i = 0; i < train.length; i++) {
    const label = train.label(i);
    const before = Math.floor(seen[label] * fraction);
    seen[label]++;
    (Math.floor(seen[label] * fraction) > before ? held : kept).push(i); // evenly among the examples of its class
  }
  if (held.length === 0 || new Set(kept.map((i) => train.label(i))).size < classes)
    throw new RangeError(
      `validation: a fraction of ${fraction} of ${train.length} training examples leaves ${held.length === 0 ? "none for validation; use a larger one" : "a class without examples; use a smaller one"}.`,
    );
  return {
    shape,
    classes,
    ...(classNames === undefined ? {} : { classNames }),
    train: some(train, Uint32Array.from(kept)),
    test: some(train, Uint32Array.from(held)),
    checksum: sha256(`validation ${fraction} of ${checksum}`),
  };
}

function some(examples: Examples, places: Uint32Array): Examples {
  const at = (i: number): number => {
    if (!Number.isInteger(i) || i < 0 || i >= places.length)
      throw new RangeError(
        `dataset-validation has no example ${i}; examples are numbered from 0 to ${places.length - 1}.`,
      );
    return places[i];
  };
  return {
    length: places.length,
    label: (i) => examples.label(at(i)),
    input: (i, into?: Input) => examples.input(at(i), into),
  };
}

const plugin: Plugin<"dataset", typeof options, "of"> = {
  kind: "dataset",
  name: "validation",
  contract: 2,
  description: "Another data set's training examples, of which a part is held out as the test.",
  options,
  needs: ["of"],
  create: validation,
};
export default plugin;
