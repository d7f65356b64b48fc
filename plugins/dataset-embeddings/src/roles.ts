import { FormatError } from "@everlearn/formats";
import type { Table } from "./table.js";

/** The usual names, without capitals, "_", "-", "." and spaces. */
const usual = {
  features: [
    ..."embeddings embedding embs emb features feature feats feat x xs data inputs vectors latents".split(" "),
  ],
  labels: [..."labels label y ys targets target classes class".split(" ")],
} as const;

/** The arrays or columns of one kind: of training, of test, or of both together. Several columns make one array. */
export type Roles = Partial<Record<"train" | "test" | "whole", readonly string[]>>;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_. ]/g, "");

/**
 * Which of a table's names are its features, or its labels.
 * @param chosen names that the user gives instead of the usual ones; empty: none
 * @throws FormatError where a name is not there, or two are the same
 */
export async function rolesOf(
  table: Table,
  chosen: Readonly<Record<"features" | "labels", string>>,
  kind: "features" | "labels",
): Promise<Roles> {
  const own = chosen[kind];
  const bases = own === "" ? usual[kind] : [plain(own)];
  const found: Record<string, string[]> = {};
  for (const name of table.names) {
    const [part, base] = partOf(plain(name));
    if (name === own) (found.whole ??= []).push(name);
    else if (part !== undefined && bases.includes(base)) (found[part] ??= []).push(name);
  }
  for (const names of Object.values(found))
    if (names.length > 1)
      throw new FormatError(`has two arrays for the same: ${names.join(" and ")}; name one of them in "${kind}"`);
  if (Object.keys(found).length > 0) return found;
  if (own !== "") {
    const names = table.names.slice(0, 8).join(", ");
    throw new FormatError(`holds no ${own}, which "${kind}" names, but ${names || "nothing"}`);
  }
  const wanted = (name: string): boolean => table.flat(name) === (kind === "labels");
  if (table.names.length === 1 && !table.columns && (kind === "features" || wanted(table.names[0])))
    return { whole: table.names };
  const numbered = table.names.filter((name) => /^arr_\d+$/.test(name)).filter(wanted);
  if (numbered.length === 1) return { whole: numbered };
  if (numbered.length === 2) return { train: [numbered[0]], test: [numbered[1]] };
  if (kind === "features" && table.columns) {
    const labels = Object.values(await rolesOf(table, chosen, "labels")).flat();
    const others = table.names.filter((name) => !labels.includes(name));
    if (others.length > 0 && labels.length > 0) return { whole: others };
  }
  return {};
}

/** Of which part something so called is, and what is left of its name. */
function partOf(name: string): ["train" | "test" | "whole" | undefined, string] {
  for (const part of ["train", "test"] as const)
    for (const word of [`${part}ing`, part]) {
      if (name.startsWith(word) && name !== word) return [part, name.slice(word.length)];
      if (name.endsWith(word) && name !== word) return [part, name.slice(0, -word.length)];
    }
  return ["whole", name];
}
