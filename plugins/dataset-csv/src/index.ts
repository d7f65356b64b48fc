import { type Dataset, type OptionsFor, type Plugin, withDefaults } from "@everlearn/contracts";
import { datasetOf } from "./content.js";
import { encoderOf } from "./encoding.js";
import { readTable, type Table } from "./table.js";

const options = {
  path: { type: "string", description: "The .csv or .csv.gz file: absolute, or within the folder of data sets." },
  testPath: { type: "string", default: "", description: "A file of test examples with the same columns; empty: none." },
  target: { type: "string", default: "", description: "The column of the classes; empty: the last one." },
  ignore: { type: "string", default: "", description: "Columns that are no inputs, with commas between them." },
  categories: {
    type: "string",
    default: "",
    description: "Columns of numbers that are categories nevertheless, with commas between them.",
  },
  missing: {
    type: "string",
    enum: ["refuse", "zero", "last"],
    default: "refuse",
    description:
      "What stands for a value that is missing: nothing, so that the file is refused; 0; or the value before it.",
  },
  testFraction: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0.2,
    description: "Without a file of test examples, the part of the rows, evenly spread, that become some; 0: none.",
  },
} as const;

/**
 * Rows of a CSV file with a header, in their order. A column is of numbers if all of its values are, else of categories, which
 * become one input value each. A relative `path` is within `folder`; without one, within the folder that EVERLEARN_DATA names,
 * else the working folder.
 * @throws Error where a file is not there or not such, in one sentence that names it
 */
export async function csvFile(
  given: OptionsFor<typeof options>,
  { folder = process.env.EVERLEARN_DATA }: { folder?: string | undefined } = {},
): Promise<Dataset> {
  const chosen = withDefaults(options, given);
  const { path, testPath, testFraction } = chosen;
  const table = await readTable(folder, path);
  const encoder = encoderOf(table, chosen);
  const isTest = (i: number): boolean =>
    testPath === "" && Math.floor((i + 1) * testFraction) > Math.floor(i * testFraction);
  const rows = table.rows.map((_, i) => i);
  const train = rows.filter((i) => !isTest(i));
  const classes = encoder.classesOf(train);
  const other: Table = testPath === "" ? table : await readTable(folder, testPath);
  const tested = testPath === "" ? rows.filter(isTest) : other.rows.map((_, i) => i);
  const values = encoder.encode(table);
  const part = (of: Table, encoded: Float32Array[], places: readonly number[]) => ({
    inputs: places.map((i) => encoded[i]),
    labels: places.map((i) => encoder.labelOf(of, i, classes)),
    columns: new Map(of.names.map((name, j) => [name, places.map((i) => of.rows[i][j])])),
  });
  return datasetOf({
    ...{ size: encoder.size, classes: [...classes.keys()], notes: encoder.notes },
    train: part(table, values, train),
    test: part(other, other === table ? values : encoder.encode(other), tested),
  });
}

const plugin: Plugin<"dataset", typeof options> = {
  kind: "dataset",
  name: "csv",
  contract: 2,
  description: "Rows of a CSV file of your own, in their order: numbers, categories, and a class.",
  options,
  create: csvFile,
};
export default plugin;
