import type { Tuned } from "@everlearn/records";

/** What a search chose. */
export interface Winner {
  readonly options: Readonly<Record<string, unknown>>;
  /** The mean retained accuracy of its trials, a fraction. */
  readonly mean: number;
  /** The options whose number is the smallest or the largest that was tried: better ones may lie beyond. */
  readonly edges: readonly { readonly path: string; readonly value: number; readonly which: "smallest" | "largest" }[];
}

/** The point that a search chose; null where it names none. */
export function winnerOf({ points, chosen }: Pick<Tuned, "points" | "chosen">): Winner | null {
  const point = points.at(chosen);
  if (chosen < 0 || point === undefined) return null;
  const edges = Object.entries(point.options).flatMap(([path, value]) => {
    const tried = points.map(({ options }) => options[path]).filter((one) => typeof one === "number");
    const [least, most] = [Math.min(...tried), Math.max(...tried)];
    if (typeof value !== "number" || least === most || (value > least && value < most)) return [];
    return [{ path, value, which: value === least ? ("smallest" as const) : ("largest" as const) }];
  });
  return { options: point.options, mean: point.mean, edges };
}

/** Options in words: learner/alpha = 0.1, buffer/capacity = 200. */
export function optionsText(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .map(([path, value]) => `${path} = ${JSON.stringify(value)}`)
    .join(", ");
}

/** A warning for each option at the edge of what was tried. */
export function edgeText({ path, value, which }: Winner["edges"][number]): string {
  return `${path} = ${value} is the ${which} that was tried; better ones may lie beyond it.`;
}
