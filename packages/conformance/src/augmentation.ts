import type {
  Augmentation,
  Dependencies,
  Input,
  Need,
  OptionsFor,
  OptionsSchema,
  Plugin,
  Random,
} from "@everlearn/contracts";
import { random } from "@everlearn/random";
import type { AnyPlugin, Check, Judged } from "./check.js";
import { difference } from "./difference.js";
import { judge } from "./report.js";
import { madeOf } from "./state.js";
import { watch } from "./watch.js";

/** What an augmentation is tried with. */
export interface AugmentationSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** The inputs' shape, [6, 5, 3] by default. */
  readonly shape?: readonly number[];
  /** Makes the augmentation that one made of another is given; by default one that leaves inputs as they are. */
  readonly of?: (given: Dependencies<"augmentation">) => Augmentation | Promise<Augmentation>;
}

/** An augmentation with the generators that it and the one it is made of draw from. */
interface Made {
  readonly augmentation: Augmentation;
  readonly generators: readonly Random[];
}

interface Subject {
  readonly judged: Judged<"augmentation">;
  readonly size: number;
  readonly make: (seed: number, options?: object) => Promise<Made>;
}

/** Inputs of bytes, some of them 0 and some 255; or the same as real numbers. */
function inputs(size: number, real: boolean): Input[] {
  const draw = random(11, "inputs");
  return Array.from({ length: 24 }, (_, i) => {
    const bytes = Uint8Array.from({ length: size }, () => (i < 2 ? 255 * i : draw.integer(256)));
    return real ? Float32Array.from(bytes, (b) => b / 255) : bytes;
  });
}

/** A view of each input, in arrays that held `before`. */
function viewsOf({ apply }: Augmentation, given: readonly Input[], before = 0): Input[] {
  return given.map((x) => {
    const into = x instanceof Float32Array ? new Float32Array(x.length) : new Uint8Array(x.length);
    apply(x, into.fill(before));
    return into;
  });
}

/** The inputs that an augmentation is handed: numbers always, and bytes where it takes them. */
const inputsFor = ({ real }: Augmentation, size: number): Input[][] =>
  real ? [inputs(size, true)] : [inputs(size, true), inputs(size, false)];

/** What every augmentation must do. */
export const augmentationChecks: readonly Check<Subject>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock but what it is handed",
    async run({ make, size }) {
      const used = await watch(async () => {
        const { augmentation } = await make(1);
        for (const given of inputsFor(augmentation, size)) viewsOf(augmentation, given);
      });
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ make, judged, size }) {
      const options = judged.options();
      const { augmentation } = await make(1, options);
      for (const given of inputsFor(augmentation, size)) viewsOf(augmentation, given);
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "inputs unchanged",
    must: "leave inputs as they are",
    async run({ make, size }) {
      const { augmentation } = await make(1);
      for (const given of inputsFor(augmentation, size)) {
        const before = given.map((x) => x.slice());
        viewsOf(augmentation, given);
        const found = difference(given, before, "inputs");
        if (found) return found;
      }
      return undefined;
    },
  },
  {
    name: "whole",
    must: "write every value of a view, whatever was there before",
    async run({ make, size }) {
      for (const given of inputsFor((await make(1)).augmentation, size)) {
        const [first, other] = [await make(1), await make(1)].map(({ augmentation }, i) =>
          viewsOf(augmentation, given, 7 * i),
        );
        const found = difference(other, first, "view");
        if (found) return found;
      }
      return undefined;
    },
  },
  {
    name: "finite",
    must: "make finite numbers of finite numbers",
    async run({ make, size }) {
      const { augmentation } = await make(1);
      const bad = viewsOf(augmentation, inputs(size, true))
        .flatMap((x) => [...x])
        .find((value) => !Number.isFinite(value));
      return bad === undefined ? undefined : `a view has ${bad}`;
    },
  },
  {
    name: "bytes",
    must: "make of bytes what it makes of the same numbers, rounded at most, unless it says that it is real",
    async run({ make, size }) {
      const [{ augmentation }, other] = [await make(1), await make(1)];
      if (augmentation.real) return undefined;
      const numbers = viewsOf(augmentation, inputs(size, true));
      const bytes = viewsOf(other.augmentation, inputs(size, false));
      for (const [i, view] of bytes.entries())
        for (const [j, byte] of view.entries())
          if (Math.abs(byte - 255 * numbers[i][j]) > 1)
            return `value ${j} of view ${i} is ${byte} of bytes, but ${numbers[i][j]} of numbers`;
      return undefined;
    },
  },
  {
    name: "no memory",
    must: "make of an input what its generator says, whatever inputs came before",
    async run({ make, size }) {
      const [{ augmentation, generators }, fresh] = [await make(1), await make(2)];
      for (const given of inputsFor(augmentation, size)) {
        viewsOf(augmentation, given);
        generators.forEach((one, i) => fresh.generators[i].load(one.save()));
        const found = difference(viewsOf(fresh.augmentation, given), viewsOf(augmentation, given), "view");
        if (found) return `made anew and handed the same generator, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "at test",
    must: "draw nothing where it says that queries are seen through it",
    async run({ make, size }) {
      const { augmentation, generators } = await make(1);
      if (!augmentation.atTest) return undefined;
      const before = generators.map((one) => one.save());
      for (const given of inputsFor(augmentation, size)) viewsOf(augmentation, given);
      return difference(
        generators.map((one) => one.save()),
        before,
        "generator",
      );
    },
  },
];

/**
 * Tries an augmentation.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkAugmentation<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"augmentation", S, N>,
  setup: AugmentationSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"augmentation">;
  const { shape = [6, 5, 3] } = setup;
  const size = shape.reduce((product, side) => product * side, 1);
  await judge("augmentation", erased, setup.options ?? {}, augmentationChecks, async (judged) => {
    const unchanged: Augmentation = { apply: (x, into) => into.set(x) };
    const makeOf = setup.of ?? (() => unchanged);
    const make = async (seed: number, options?: object): Promise<Made> => {
      const generators = ["augmentation", "other augmentation"].map((name) => random(seed, name));
      const of = await madeOf(judged.needs, () => makeOf({ shape, inputs: size, random: generators[1] }));
      const given = { shape, inputs: size, random: generators[0], ...of };
      return { augmentation: await judged.create(given, options), generators };
    };
    return { subject: { judged, size, make }, part: (await make(1)).augmentation };
  });
}
