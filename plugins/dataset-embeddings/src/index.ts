import { type Dataset, type OptionsFor, type OptionsOf, type Plugin, withDefaults } from "@everlearn/contracts";
import { FormatError } from "@everlearn/formats";
import { datasetOf, divided, type Part } from "./content.js";
import { naming, tableAt } from "./files.js";
import { rolesOf } from "./roles.js";
import type { Table } from "./table.js";
import { classesOf, featuresOf, type Labelled, labelsOf } from "./values.js";

const options = {
  path: {
    type: "string",
    description: "The file of features: absolute, or within the folder of data sets.",
  },
  labelsPath: {
    type: "string",
    default: "",
    description: "The file of their labels; empty: they are in the same file.",
  },
  testPath: {
    type: "string",
    default: "",
    description: "The file of the test examples' features; empty: they are in the same file.",
  },
  testLabelsPath: {
    type: "string",
    default: "",
    description: "The file of the test examples' labels; empty: they are with their features.",
  },
  features: {
    type: "string",
    default: "",
    description: "The name of the array, tensor or column of features; empty: one of the usual names.",
  },
  labels: {
    type: "string",
    default: "",
    description: "The name of the array, tensor or column of labels; empty: one of the usual names.",
  },
  testFraction: {
    type: "number",
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: 0.2,
    description: "If training and test are not separate, the part of each class that becomes test examples.",
  },
} as const;

/**
 * Features of the user's own, such as embeddings of a pre-trained model, as inputs of float32: from `.npz`, `.npy`,
 * `.safetensors` or `.parquet` files. Relative paths are within `folder`; without one, within the folder that EVERLEARN_DATA
 * names, else the working folder. Classes are numbered in the order of their labels. All is read into memory at once.
 * @throws Error where there is nothing, a file is damaged, or features and labels do not go together; the message names the
 * file.
 */
export async function embeddings(
  given: OptionsFor<typeof options>,
  { folder = process.env.EVERLEARN_DATA }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const chosen = withDefaults(options, given);
  const { path, testPath } = chosen;
  const main = await tableAt(folder, path);
  return naming(main.path, async () => {
    const [train, test] = testPath === "" ? await partsIn(main, chosen, folder) : await partsOf(main, chosen, folder);
    const classes = classesOf(train, test);
    const part = ({ features, labels }: Labelled): Part => ({
      values: features.values,
      labels: Uint32Array.from(labels.values, (label) => classes.get(label) ?? 0),
    });
    return datasetOf({ shape: train.features.shape, classes: classes.size, train: part(train), test: part(test) });
  });
}

type Chosen = OptionsOf<typeof options>;

/** The training and the test examples of one file. */
async function partsIn(main: Table, chosen: Chosen, folder: string | undefined): Promise<[Labelled, Labelled]> {
  const { labelsPath, testLabelsPath, testFraction } = chosen;
  if (testLabelsPath !== "" && labelsPath === "")
    throw new FormatError('has a file of test labels beside it and none of training labels; name one in "labelsPath"');
  const apart = labelsPath === "" ? main : await tableAt(folder, labelsPath);
  const features = await rolesOf(main, chosen, "features");
  const labels = await rolesOf(apart, chosen, "labels");
  const separate = features.train !== undefined;
  if (!separate) {
    const whole = await labelled(main, features.whole, apart, labels.whole);
    return divided(whole, testFraction);
  }
  const tested = testLabelsPath === "" ? apart : await tableAt(folder, testLabelsPath);
  const testRoles = testLabelsPath === "" ? labels : await rolesOf(tested, chosen, "labels");
  return [
    await labelled(main, features.train, apart, labels.train ?? labels.whole),
    await labelled(main, features.test, tested, testRoles.test ?? (tested === apart ? undefined : testRoles.whole)),
  ];
}

/** The training examples of one file and the test examples of another. */
async function partsOf(main: Table, chosen: Chosen, folder: string | undefined): Promise<[Labelled, Labelled]> {
  const { labelsPath, testPath, testLabelsPath } = chosen;
  const other = await tableAt(folder, testPath);
  const read = async (table: Table, labelsAt: string, part: "train" | "test") => {
    const apart = labelsAt === "" ? table : await tableAt(folder, labelsAt);
    const features = await rolesOf(table, chosen, "features");
    const labels = await rolesOf(apart, chosen, "labels");
    return labelled(table, features[part] ?? features.whole, apart, labels[part] ?? labels.whole);
  };
  return [await read(main, labelsPath, "train"), await naming(other.path, () => read(other, testLabelsPath, "test"))];
}

async function labelled(
  table: Table,
  features: readonly string[] | undefined,
  apart: Table,
  labels: readonly string[] | undefined,
): Promise<Labelled> {
  if (features === undefined)
    throw new FormatError(
      `holds no features under a usual name, such as embeddings, features or x, but ${listed(table)}; name them in "features"`,
    );
  const read = { features: await featuresOf(table, features), labels: undefined };
  return naming(apart.path, async () => {
    if (labels === undefined)
      throw new FormatError(
        `holds no labels under a usual name, such as labels or y, but ${listed(apart)}; name them in "labels", or their file in "labelsPath"`,
      );
    const found = await labelsOf(apart, labels);
    const [n, m] = [read.features.length, found.values.length];
    if (n !== m)
      throw new FormatError(
        `holds ${m} labels in ${found.name}, but there are ${n} examples in ${read.features.name}${apart === table ? "" : ` of ${table.path}`}`,
      );
    return { features: read.features, labels: found };
  });
}

const listed = ({ names }: Table): string =>
  names.length === 0
    ? "nothing"
    : `${names.slice(0, 8).join(", ")}${names.length > 8 ? ` and ${names.length - 8} more` : ""}`;

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "embeddings",
  contract: 2,
  description: "Features of your own, such as embeddings of a pre-trained model: .npz, .npy, .safetensors or .parquet.",
  options,
  create: embeddings,
};
export default plugin;
