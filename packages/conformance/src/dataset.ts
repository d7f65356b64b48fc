import type { Dataset, Need, OptionsFor, OptionsSchema, Plugin } from "@everlearn/contracts";
import { difference } from "./difference.js";
import { answering, beyond, misshapen, read, spread, unsteady } from "./examples.js";
import type { AnyPlugin, Check, Judged } from "./check.js";
import { toyDataset } from "./fixtures/data.js";
import { judge } from "./report.js";
import { madeOf } from "./state.js";
import { watch } from "./watch.js";

/** What a data set is tried with. */
export interface DatasetSetup<S extends OptionsSchema = OptionsSchema> {
  readonly options?: OptionsFor<S>;
  /** Where its files are, if it needs some. */
  readonly folder?: string;
  /** The data set that one made of another is given; by default four classes of 4 × 4 × 1 bytes. */
  readonly of?: () => Dataset | Promise<Dataset>;
}

interface Subject {
  readonly judged: Judged<"dataset">;
  readonly make: (options?: object) => Promise<Dataset>;
}

const parts = ({ train, test }: Dataset) => ({ train, test });
/** How many inputs of each part are looked at. */
const looked = 200;
const content = ({ train, test }: Dataset) => ({
  train: read(train, spread(train.length, looked)),
  test: read(test, spread(test.length, looked)),
});

/** What every data set must do. */
export const datasetChecks: readonly Check<Subject>[] = [
  {
    name: "purity",
    must: "use no randomness and no clock",
    async run({ make }) {
      const used = await watch(async () => content(await make()));
      return used.length > 0 ? `it used ${used.join(", ")}` : undefined;
    },
  },
  {
    name: "options unchanged",
    must: "leave its options as they are",
    async run({ judged, make }) {
      const options = judged.options();
      content(await make(options));
      return difference(options, judged.options(), "options");
    },
  },
  {
    name: "examples",
    must: "have inputs of its shape and labels below its number of classes",
    async run({ make }) {
      const { classes, shape, train, test } = await make();
      if (!Number.isInteger(classes) || classes < 2) return `its number of classes is ${classes}`;
      const labels = () => classes;
      return misshapen(train, labels, shape, looked) ?? misshapen(test, labels, shape, looked);
    },
  },
  {
    name: "classes",
    must: "have training examples of every class",
    async run({ make }) {
      const { classes, train } = await make();
      const seen = new Set(Array.from({ length: train.length }, (_, i) => train.label(i)));
      for (let c = 0; c < classes; c++) if (!seen.has(c)) return `there is none of class ${c} of ${classes}`;
      return undefined;
    },
  },
  {
    name: "class names",
    must: "have a name for each of its classes, if it names them",
    async run({ make }) {
      const { classes, classNames } = await make();
      if (classNames === undefined) return undefined;
      if (classNames.length !== classes) return `it has ${classNames.length} names for ${classes} classes`;
      const odd = classNames.find((name) => typeof name !== "string" || name === "");
      return odd === undefined ? undefined : `one is ${JSON.stringify(odd)}`;
    },
  },
  {
    name: "reading",
    must: "answer the same however often, in whatever order and wherever an example is read",
    async run({ make }) {
      for (const [name, examples] of Object.entries(parts(await make()))) {
        const found = unsteady(examples, looked);
        if (found) return `in ${name}, ${found}`;
      }
      return undefined;
    },
  },
  {
    name: "same content",
    must: "have the same content in every instance",
    run: async ({ make }) => difference(content(await make()), content(await make())),
  },
  {
    name: "checksum",
    must: "have a SHA-256 of 64 lower-case hexadecimal digits as its checksum, the same in every instance",
    async run({ make }) {
      const [one, other] = [(await make()).checksum, (await make()).checksum];
      if (!/^[0-9a-f]{64}$/.test(one)) return `it is "${one}"`;
      return one === other ? undefined : `it is ${one} once and ${other} another time`;
    },
  },
  {
    name: "range",
    must: "refuse with a RangeError an example that is not there",
    async run({ make }) {
      const { train, test } = await make();
      return answering({ ...beyond("train", train), ...beyond("test", test) });
    },
  },
];

/**
 * Tries a data set.
 * @throws ConformanceError with a sentence for every check that it failed
 */
export async function checkDataset<S extends OptionsSchema, N extends Need>(
  plugin: Plugin<"dataset", S, N>,
  setup: DatasetSetup<S> = {},
): Promise<void> {
  const erased = plugin as unknown as AnyPlugin<"dataset">;
  await judge("dataset", erased, setup.options ?? {}, datasetChecks, async (judged) => {
    const makeOf = setup.of ?? (() => toyDataset());
    const make: Subject["make"] = async (options) =>
      judged.create({ folder: setup.folder, ...(await madeOf(judged.needs, makeOf)) }, options);
    return { subject: { judged, make }, part: await make() };
  });
}
