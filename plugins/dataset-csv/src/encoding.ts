import { refusal, type Table } from "./table.js";

/** How the user wants columns to be read. */
interface Chosen {
  readonly target: string;
  readonly ignore: string;
  readonly categories: string;
  readonly missing: string;
}

/** A column of inputs: of numbers, or of categories, each with its place. */
interface Column {
  readonly name: string;
  readonly at: number;
  readonly categories?: ReadonlyMap<string, number>;
}

/** Turns rows into inputs and classes. */
export interface Encoder {
  /** The number of input values. */
  readonly size: number;
  /** The types that were found, for a run's record. */
  readonly notes: Readonly<Record<string, string>>;
  encode(table: Table): Float32Array[];
  /** The classes of some rows by their labels: numbers ascending, texts by UTF-16 code units. */
  classesOf(rows: readonly number[]): ReadonlyMap<string, number>;
  labelOf(table: Table, row: number, classes: ReadonlyMap<string, number>): number;
}

const missingWords = new Set(["", "?", "na", "n/a", "nan", "null"]);
const isMissing = (text: string): boolean => missingWords.has(text.toLowerCase());
const isNumber = (text: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
const listed = (names: string): string[] => names.split(",").flatMap((name) => name.trim() || []);

/** Finds the types of a table's columns. @throws Error where a column is not there, or the target's values are no classes */
export function encoderOf(table: Table, { target, ignore, categories, missing }: Chosen): Encoder {
  const { path, names, rows } = table;
  const own = target || names[names.length - 1];
  for (const name of [own, ...listed(ignore), ...listed(categories)])
    if (!names.includes(name))
      throw refusal(
        path,
        `has no column ${name}, but ${names.slice(0, 12).join(", ")}${names.length > 12 ? " and more" : ""}`,
      );
  const left = new Set([own, ...listed(ignore)]);
  const columns = names.flatMap((name, at): Column[] => {
    if (left.has(name)) return [];
    const values = new Set(rows.map((row) => row[at]).filter((text) => !isMissing(text)));
    if (!listed(categories).includes(name) && [...values].every(isNumber)) return [{ name, at }];
    return [{ name, at, categories: new Map([...values].toSorted().map((text, i) => [text, i])) }];
  });
  if (columns.length === 0) throw refusal(path, "leaves no columns of inputs; ignore fewer");
  const size = columns.reduce((sum, column) => sum + (column.categories?.size ?? 1), 0);
  const targetAt = names.indexOf(own);
  return {
    size,
    notes: {
      columns: columns
        .map(({ name, categories: found }) => `${name}: ${found ? `category of ${found.size}` : "number"}`)
        .join(", "),
      target: own,
    },
    encode: (other) => encodeAll(other, table, columns, size, missing),
    classesOf: (places) =>
      numbered(
        path,
        own,
        places.map((i) => rows[i][targetAt]),
      ),
    labelOf(other, row, classes) {
      const at = other.names.indexOf(own);
      const text = other.rows[row][at] ?? "";
      const label = classes.get(text);
      if (label !== undefined) return label;
      const line = `line ${row + 2}`;
      throw refusal(
        other.path,
        isMissing(text)
          ? `has no class in ${line} of ${own}`
          : `has ${text} in ${line} of ${own}, which is no class of a training example`,
      );
    },
  };
}

function encodeAll(
  table: Table,
  original: Table,
  columns: readonly Column[],
  size: number,
  missing: string,
): Float32Array[] {
  const places = columns.map(({ name }) => table.names.indexOf(name));
  const absent = columns.find((_, k) => places[k] < 0);
  if (absent) throw refusal(table.path, `has no column ${absent.name}, as ${original.path} has`);
  const last: string[] = columns.map(() => "");
  return table.rows.map((row, i) => {
    const input = new Float32Array(size);
    let at = 0;
    for (const [k, column] of columns.entries()) {
      let text = row[places[k]];
      if (isMissing(text)) {
        if (missing === "refuse")
          throw refusal(
            table.path,
            `has no value in line ${i + 2} of ${column.name}; set "missing" to "zero" or "last", or the column in "ignore"`,
          );
        text = missing === "last" ? last[k] : "";
      }
      last[k] = text;
      if (text !== "") write(table, column, i, text, input, at);
      at += column.categories?.size ?? 1;
    }
    return input;
  });
}

function write(
  { path }: Table,
  { name, categories }: Column,
  row: number,
  text: string,
  input: Float32Array,
  at: number,
): void {
  if (categories) {
    const category = categories.get(text);
    if (category === undefined)
      throw refusal(path, `has the category ${text} in line ${row + 2} of ${name}, which no training example has`);
    input[at + category] = 1;
  } else {
    input[at] = Number(text);
    if (!isNumber(text) || !Number.isFinite(input[at]))
      throw refusal(path, `has ${text} in line ${row + 2} of ${name}, where all are finite numbers`);
  }
}

function numbered(path: string, name: string, labels: readonly string[]): ReadonlyMap<string, number> {
  const distinct = [...new Set(labels)].filter((text) => !isMissing(text));
  const odd = distinct.every(isNumber) ? distinct.find((text) => !Number.isInteger(Number(text))) : undefined;
  if (odd !== undefined)
    throw refusal(
      path,
      `has ${odd} in its target ${name}, which is a real number and no class; name another column in "target"`,
    );
  if (distinct.length < 2)
    throw refusal(
      path,
      `has ${distinct.length === 0 ? "no class" : "one class only"} in ${name}, where two are the least; name another column in "target"`,
    );
  if (distinct.length > 65_536)
    throw refusal(path, `has ${distinct.length} classes in ${name}, where 65536 are the most`);
  const sorted = distinct.every(isNumber) ? distinct.toSorted((a, b) => Number(a) - Number(b)) : distinct.toSorted();
  return new Map(sorted.map((text, i) => [text, i]));
}
