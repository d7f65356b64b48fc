import { checkAugmentation } from "@everlearn/conformance";
import type { Augmentation, Plugin, Random } from "@everlearn/contracts";
import { describe, it } from "vitest";
import { catches } from "./caught.js";

const options = { most: { type: "integer", minimum: 1, default: 9, description: "The most that is added." } } as const;
interface Toy {
  readonly augmentation: Augmentation;
  readonly random: Random;
  readonly options: { most: number };
}

/** Adds one number to all values of a byte or of a number. */
function brighter(given: { most: number }, random: Random): Toy {
  const augmentation: Augmentation = {
    apply(x, into) {
      const unit = x instanceof Uint8Array ? 1 : 1 / 255;
      const more = random.integer(given.most) * unit;
      for (let i = 0; i < x.length; i++) into[i] = Math.min(x[i] + more, 255 * unit);
    },
  };
  return { augmentation, random, options: given };
}

/** Tries the toy augmentation, but for what is changed. */
const checking = (change: (toy: Toy) => Partial<Augmentation>) => () => {
  const plugin: Plugin<"augmentation", typeof options> = {
    kind: "augmentation",
    name: "toy",
    contract: 2,
    description: "Brighter images to try the checks with.",
    options,
    create(given, { random }) {
      const toy = brighter({ ...given }, random);
      return { ...toy.augmentation, ...change({ ...toy, options: given }) };
    },
  };
  return checkAugmentation(plugin);
};

/** The toy's views, then something else with each. */
const then =
  (act: (x: Parameters<Augmentation["apply"]>[0], into: Parameters<Augmentation["apply"]>[1], toy: Toy) => void) =>
  (toy: Toy): Augmentation => ({
    apply(x, into) {
      toy.augmentation.apply(x, into);
      act(x, into, toy);
    },
  });

const withoutApply: object = { apply: undefined };

describe("checkAugmentation", () => {
  it("passes a sound augmentation", () => checking(() => ({}))());
  it("passes one that computes with numbers", () => checking(() => ({ real: true }))());
  it("passes one that applies at test", () =>
    checking(() => ({ atTest: true, apply: (x, into) => x.forEach((v, i) => (into[i] = v / 2)) }))());

  it("passes one made of another, whose generator goes with it", () => {
    const plugin: Plugin<"augmentation", typeof options, "of"> = {
      kind: "augmentation",
      name: "sometimes",
      contract: 2,
      description: "Another augmentation, now and then.",
      options,
      needs: ["of"],
      create: (_, { of, random }) => ({
        apply(x, into) {
          if (random.uniform() < 0.5) of.apply(x, into);
          else into.set(x);
        },
      }),
    };
    return checkAugmentation(plugin, { of: ({ random }) => brighter({ most: 9 }, random).augmentation });
  });

  catches("augmentation", {
    creation: [checking(() => withoutApply), "it has no apply"],
    purity: [checking(then(() => void Math.random())), "it used Math.random"],
    "options unchanged": [checking(then((_, __, toy) => void toy.options.most++)), "options.most"],
    "inputs unchanged": [checking(then((x) => void (x[0] = 0.5 * x[0] + 0.25))), "inputs"],
    whole: [checking(() => ({ apply: (x, into) => x.forEach((v, i) => void (i > 0 && (into[i] = v))) })), "view"],
    finite: [checking(then((_, into) => void (into[3] = into[3] / 0))), "a view has"],
    bytes: [checking(then((x, into) => void (x instanceof Uint8Array && (into[0] += 9)))), "of numbers"],
    "no memory": [
      checking(() => {
        let seen = 0;
        return { apply: (x, into) => x.forEach((v, i) => (into[i] = seen++ < 300 ? 0 : v)) };
      }),
      "made anew and handed the same generator",
    ],
    "at test": [checking(() => ({ atTest: true })), "generator"],
  });
});
