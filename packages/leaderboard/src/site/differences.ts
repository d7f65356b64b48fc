import { isSeparated } from "../statistics/comparison.js";
import { type Interval, meanInterval } from "../statistics/interval.js";
import { jointSignFlip } from "../statistics/joint.js";
import { level, officialSeeds, type Scores } from "../statistics/seeds.js";
import { signFlipTest } from "../statistics/sign-flip.js";
import { type HolmOf, mostCompared } from "../tables/places.js";
import { plural, probability, signedPoints } from "../tables/format.js";
import { picture, round } from "./frame.js";
import { type Element, el } from "./markup.js";
import { linear } from "./scale.js";

/** A learner that is compared with another one. */
export interface Compared {
  readonly label: string;
  readonly rank: number | null;
  readonly scores: Scores;
}

/** What all comparisons of a setting have in common. */
export interface Family {
  /** The seeds that ranks are based on. */
  readonly seeds: readonly number[];
  readonly minimumEffect: number;
  readonly holm: HolmOf;
  /** p of two ranked ones after the correction that ranks rest on: see `jointly`. */
  readonly adjusted: (first: Compared, second: Compared) => number;
}

export interface Difference {
  /** first − second at each seed that both have, ascending. */
  readonly bySeed: readonly (readonly [seed: number, difference: number])[];
  readonly mean: number;
  readonly interval: Interval | null;
  readonly p: number;
  /** Of the joint test of the setting, and after Holm's correction over it; null where one of the two has no rank. */
  readonly adjusted: number | null;
  readonly holm: number | null;
  readonly separated: boolean;
}

/**
 * Compares two learners over the setting's seeds if both are ranked, else over the seeds that both have; null where
 * there are none.
 */
export function differenceOf(first: Compared, second: Compared, family: Family): Difference | null {
  const official = first.rank !== null && second.rank !== null;
  const seeds = official ? family.seeds : [...first.scores.keys()].filter((seed) => second.scores.has(seed));
  if (seeds.length === 0) return null;
  const over = ({ scores }: Compared) => new Map(seeds.map((seed) => [seed, scores.get(seed) as number]));
  const { difference, p } = signFlipTest(over(first), over(second));
  const bySeed = seeds
    .toSorted((a, b) => a - b)
    .map((seed) => [seed, (first.scores.get(seed) as number) - (second.scores.get(seed) as number)] as const);
  const adjusted = official ? family.adjusted(first, second) : null;
  return {
    bySeed,
    mean: difference,
    interval: meanInterval(bySeed.map(([, value]) => value)),
    p,
    adjusted,
    holm: official ? (family.holm.find(([of]) => of === p)?.[1] ?? 1) : null,
    separated: adjusted !== null && isSeparated(adjusted, difference, family.minimumEffect),
  };
}

/**
 * p of any two of a setting's ranked learners in the joint sign-flip test, which is made where one is first asked for. Of
 * more learners than are compared nothing separates any two.
 */
export function jointly(ranked: readonly Compared[], seeds: readonly number[]): Family["adjusted"] {
  let found: readonly number[] | undefined;
  const places = new Map(ranked.map((one, i) => [one, i]));
  return (first, second) => {
    if (ranked.length > mostCompared) return 1;
    found ??= jointSignFlip(ranked.map(({ scores }) => seeds.map((seed) => scores.get(seed) as number)));
    const [i, j] = [places.get(first) as number, places.get(second) as number].sort((a, b) => a - b);
    return found[i * ranked.length - (i * (i + 1)) / 2 + (j - i - 1)];
  };
}

/** The difference of two learners in words, numbers and a picture. */
export function comparison(first: Compared, second: Compared, family: Family): Element {
  if (first === second) return el("p", {}, "Choose two different learners.");
  const found = differenceOf(first, second, family);
  if (found === null) return el("p", {}, "These two share no seed; there is nothing to compare.");
  const { bySeed, mean, interval, p, adjusted, holm } = found;
  const corrected = (value: number | null) => (value === null ? "not in the correction" : `p ${equals(value)}`);
  const row = (term: string, value: string) => el("div", {}, el("dt", {}, term), el("dd", {}, value));
  return el(
    "div",
    { class: "difference" },
    el("p", { class: "verdict" }, ...verdict(first, second, found, family)),
    el(
      "dl",
      { class: "facts" },
      row("mean difference", `${signedPoints(mean, 2)} points`),
      row("95% interval", interval ? `${signedPoints(interval.lower, 2)} to ${signedPoints(interval.upper, 2)}` : "–"),
      row("paired sign-flip test", `p ${equals(p)}`),
      row("jointly over all pairs", corrected(adjusted)),
      row("by Holm’s correction", corrected(holm)),
      row("paired seeds", String(bySeed.length)),
    ),
    differencePicture(found, first.label, second.label),
  );
}

function equals(p: number): string {
  const text = probability(p);
  return text.startsWith("<") ? text : `= ${text}`;
}

function verdict(first: Compared, second: Compared, found: Difference, family: Family): (Element | string)[] {
  const name = ({ label }: Compared) => el("bdi", {}, label);
  const [more, less] = found.mean >= 0 ? [first, second] : [second, first];
  const sides = [name(more), " retains more than ", name(less)];
  if (found.adjusted === null)
    return [
      ...sides,
      ` on average; no verdict, since ${found.bySeed.length < officialSeeds ? `${plural(found.bySeed.length, "paired seed")} of at least ${officialSeeds} are` : "one of the two is"} a preview.`,
    ];
  if (found.separated) return [...sides, ": they are separated."];
  const effect = signedPoints(family.minimumEffect).replace("+", "");
  const why =
    found.adjusted < level
      ? `the difference is below the suite's minimum effect of ${effect} points`
      : "the difference may be chance";
  return ["Nothing separates ", name(first), " and ", name(second), `: ${why}.`];
}

const width = 460;
const [left, right] = [30, 430];

/** A dot for each seed, the mean as a line with its interval, and zero. */
function differencePicture({ bySeed, mean, interval }: Difference, first: string, second: string): Element {
  const values = [0, mean, ...bySeed.map(([, value]) => value), interval?.lower ?? 0, interval?.upper ?? 0];
  const { at, ticks } = linear(values, [left, right], 6);
  const lanes = Math.min(5, Math.max(1, Math.ceil(bySeed.length / 4)));
  const dots = bySeed.map(([seed, value], i) =>
    el(
      "circle",
      { class: "dot", cx: round(at(value)), cy: 52 + 9 * (i % lanes), r: 4 },
      el("title", {}, `seed ${seed}: ${signedPoints(value, 2)}`),
    ),
  );
  const bottom = 66 + 9 * lanes;
  const spread = bySeed.map(([seed, value]) => `seed ${seed} ${signedPoints(value, 2)}`).slice(0, 50);
  return picture(
    [width, bottom + 42],
    `Difference at each seed, in points: ${spread.join(", ")}.`,
    { class: "chart" },
    el(
      "g",
      { class: "frame" },
      ...ticks.flatMap((tick) => [
        el("path", { class: tick === 0 ? "zero" : "grid", d: `M${round(at(tick))} 20V${bottom}` }),
        el("text", { x: round(at(tick)), y: bottom + 16, "text-anchor": "middle" }, signedPoints(tick)),
      ]),
      el("text", { class: "title", x: left, y: bottom + 36 }, `← more: ${clipped(second)}`),
      el("text", { class: "title", x: right, y: bottom + 36, "text-anchor": "end" }, `more: ${clipped(first)} →`),
    ),
    interval
      ? el("path", { class: "interval", d: `M${round(at(interval.lower))} 34H${round(at(interval.upper))}` })
      : null,
    el("path", { class: "mean", d: `M${round(at(mean))} 26v16` }),
    ...dots,
  );
}

function clipped(text: string): string {
  const characters = Array.from(text);
  return characters.length <= 22 ? text : `${characters.slice(0, 21).join("")}…`;
}
