import { aggregateIqm } from "../statistics/iqm.js";
import type { Interval } from "../statistics/interval.js";
import { performanceProfile } from "../statistics/profile.js";
import { covers, officialSeeds, type Scores } from "../statistics/seeds.js";
import { byText, count, plural, points } from "../tables/format.js";
import type { Suite } from "../tables/standings.js";
import { type Element, el, type Markup } from "./markup.js";
import { chartBox, lineChart, mostLines } from "./line-chart.js";
import { linear } from "./scale.js";

/** Learners in all of a suite's settings, over the seeds that all settings have. */
export interface Across {
  readonly seeds: readonly number[];
  readonly settings: number;
  /** The resamples of the bootstrap. */
  readonly resamples: number;
  /** The best first. */
  readonly learners: readonly Overall[];
  /** Labels in several settings but not, or not with these seeds, in each. */
  readonly partial: readonly string[];
}

interface Overall {
  readonly label: string;
  /** Settings × seeds. */
  readonly scores: readonly (readonly number[])[];
  readonly iqm: number;
  readonly interval: Interval;
}

/** The most random draws for all intervals of a suite together. */
const mostDraws = 2e7;

/**
 * Compares learners over all settings of a suite; null where there is only one setting, or no learner is in all of
 * them.
 */
export function acrossSettings({ settings }: Suite): Across | null {
  if (settings.length < 2) return null;
  const seeds = settings.map(({ seeds }) => seeds).reduce((a, b) => a.filter((seed) => b.includes(seed)));
  const bySetting = settings.map(({ rows }) => {
    const scores = new Map<string, Scores | null>();
    // A label that is there twice says nothing of one learner.
    for (const row of rows) scores.set(row.label, scores.has(row.label) ? null : row.scores);
    return scores;
  });
  const labels = [...new Set(bySetting.flatMap((scores) => [...scores.keys()]))].sort(byText);
  const several = labels.filter((label) => bySetting.filter((scores) => scores.has(label)).length > 1);
  const complete = several.flatMap((label) => {
    const found = bySetting.flatMap((scores) => scores.get(label) ?? []);
    return seeds.length > 0 && found.length === settings.length && found.every((scores) => covers(scores, seeds))
      ? [{ label, scores: found.map((scores) => seeds.map((seed) => scores.get(seed) as number)) }]
      : [];
  });
  if (complete.length === 0) return null;
  const size = complete.length * settings.length * seeds.length;
  const resamples = Math.max(200, Math.min(2000, Math.floor(mostDraws / size)));
  const learners = complete.map(({ label, scores }) => ({ label, scores, ...aggregateIqm(scores, { resamples }) }));
  const named = new Set(complete.map(({ label }) => label));
  return {
    seeds,
    settings: settings.length,
    resamples,
    learners: learners.sort((a, b) => b.iqm - a.iqm || byText(a.label, b.label)),
    partial: several.filter((label) => !named.has(label)),
  };
}

const mostShown = 50;

/** A table of interquartile means and the performance profile. */
export function acrossSection(across: Across): Element {
  const { learners, seeds, settings, resamples, partial } = across;
  const preview = seeds.length < officialSeeds ? " Fewer than ten seeds: a preview." : "";
  const left = partial.slice(0, 20).flatMap((label, i): Markup[] => [i > 0 ? ", " : "", el("bdi", {}, label)]);
  return el(
    "section",
    { class: "across" },
    el("h3", {}, "Across settings"),
    el(
      "p",
      { class: "note" },
      `${plural(learners.length, "learner")} in all ${count(settings)} settings, ${plural(seeds.length, "seed")} each.${preview} `,
      `The interquartile mean (IQM) is the mean of the middle half of all runs; its 95% interval is a stratified bootstrap's (${count(resamples)} resamples). The profile says which fraction of runs retains more than an accuracy.`,
      ...(partial.length > 0
        ? [" Not in every setting with these seeds, so not here: ", ...left, partial.length > 20 ? " …" : "", "."]
        : []),
    ),
    el("div", { class: "columns" }, iqmTable(learners), profile(learners)),
  );
}

function iqmTable(learners: readonly Overall[]): Element {
  return el(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": "Interquartile means" },
    el(
      "table",
      { class: "plain" },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, "Learner"),
          el("th", { scope: "col", class: "num" }, "IQM %"),
          el("th", { scope: "col", class: "num" }, "95% interval"),
        ),
      ),
      el(
        "tbody",
        {},
        ...learners
          .slice(0, mostShown)
          .map(({ label, iqm, interval }) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, el("bdi", {}, label)),
              el("td", { class: "num" }, el("b", {}, points(iqm))),
              el("td", { class: "num" }, `${points(interval.lower)} – ${points(interval.upper)}`),
            ),
          ),
      ),
      learners.length > mostShown
        ? el("caption", {}, `The first ${mostShown} of ${count(learners.length)} learners.`)
        : null,
    ),
  );
}

function profile(learners: readonly Overall[]): Element {
  const shown = learners.slice(0, mostShown);
  const all = shown.flatMap(({ scores }) => scores.flat());
  const [low, high] = all.reduce(([a, b], score) => [Math.min(a, score), Math.max(b, score)], [1, 0]);
  const x = linear([low, high], [chartBox.left + 4, chartBox.right - 4], 6);
  const [from, to] = [x.ticks[0], x.ticks[x.ticks.length - 1]];
  const thresholds = Array.from({ length: 61 }, (_, i) => from + ((to - from) * i) / 60);
  const lines = shown.map(({ label, scores }) => ({
    label,
    // Only the curve is drawn, not its intervals.
    points: performanceProfile(scores, thresholds, { resamples: 1 }).map(
      ({ threshold, fraction }) => [threshold, fraction] as const,
    ),
  }));
  return el(
    "figure",
    {},
    lineChart(
      `Performance profile of ${plural(Math.min(mostLines, shown.length), "learner")}: the fraction of runs that retain more than an accuracy.`,
      lines,
      { scale: x, title: "retained accuracy τ →", text: (value) => `${Number((100 * value).toFixed(1))}%` },
      {
        scale: linear([0, 1], [chartBox.bottom, chartBox.top]),
        title: "↑ fraction of runs above τ",
        text: (value) => `${Math.round(100 * value)}%`,
      },
    ),
  );
}
