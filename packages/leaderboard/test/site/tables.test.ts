import { describe, expect, it } from "vitest";
import type { TableData, TableRow } from "../../src/site/columns.js";
import { type Compared, comparison, differenceOf, jointly } from "../../src/site/differences.js";
import { render } from "../../src/site/markup.js";
import { firstOrder, matching, ordered, pressed } from "../../src/site/order.js";
import { sharedRanks } from "../../src/statistics/ranks.js";

describe("the order of a table", () => {
  const row = (label: string, over: Partial<TableRow> = {}): TableRow => ({
    label,
    plugin: "p",
    trust: "declared",
    name: `run-${label}`,
    href: "",
    rank: 1,
    places: "1",
    band: 0,
    n: 10,
    ra: 0.5,
    prequential: null,
    lower: 0.4,
    upper: 0.6,
    la: null,
    bti: null,
    forgetting: null,
    gradients: null,
    bytes: null,
    buffer: null,
    diverged: 0,
    overBudget: 0,
    ...over,
  });
  const rows: TableData["rows"] = [
    row("b", { gradients: 2 }),
    row("A"),
    row("c", { gradients: 1, rank: 3 }),
    row("d", { rank: null }),
  ];
  const labels = (order: { key: string; descending: boolean }) =>
    ordered(rows, order)
      .map(({ label }) => label)
      .join("");

  it("begins with the best, then turns around; what has no value stays last", () => {
    expect(labels(firstOrder)).toBe("bAcd");
    expect(labels(pressed("rank", firstOrder))).toBe("cbAd");
    const byGradients = pressed("gradients", firstOrder);
    expect(byGradients).toEqual({ key: "gradients", descending: false });
    expect(labels(byGradients)).toBe("cbAd");
    expect(labels(pressed("gradients", byGradients))).toBe("bcAd");
    expect(pressed("ra", firstOrder)).toEqual({ key: "ra", descending: true });
    expect(labels(pressed("label", firstOrder))).toBe("Abcd");
  });

  it("is of the rows that have every word in what they are called", () => {
    const found = (text: string, named: boolean) =>
      matching({ rows, named, columns: [], domain: [0, 1] }, text)
        .map(({ label }) => label)
        .join("");
    expect([found("", false), found("B", false), found("run", false)]).toEqual(["bAcd", "b", ""]);
    expect([found("", true), found("RUN-B", true), found("run a", true), found("b c", true)]).toEqual([
      "bAcd",
      "b",
      "A",
      "",
    ]);
  });
});

describe("the difference of two learners", () => {
  const noise = (i: number, seed: number) => ((i * 7919 + seed * 104_729) % 97) / 2000;
  const learners = [0.5, 0.52, 0.6, 0.61].map(
    (level, i): Compared => ({
      label: `<${i}>`,
      rank: 1,
      scores: new Map(Array.from({ length: 10 }, (_, seed) => [seed, level + noise(i, seed)])),
    }),
  );
  const ranks = sharedRanks(
    learners.map(({ label, scores }) => ({ name: label, scores })),
    { minimumEffect: 0.03 },
  );
  const family = {
    seeds: ranks.seeds,
    minimumEffect: 0.03,
    holm: ranks.comparisons.map(({ p, holm }) => [p, holm] as const),
    adjusted: jointly(learners, ranks.seeds),
  };

  it("is what ranks rest on: the same difference, p and correction", () => {
    for (const { first, second, difference, p, holm, adjusted, separated } of ranks.comparisons) {
      const [a, b] = [first, second].map((name) => learners.find(({ label }) => label === name) as Compared);
      expect(differenceOf(a, b, family)).toMatchObject({ mean: difference, p, holm, adjusted, separated });
    }
    expect(ranks.comparisons.map(({ separated }) => separated)).toContain(true);
    expect(ranks.comparisons.map(({ separated }) => separated)).toContain(false);
  });

  it("is said in words, numbers and a picture", () => {
    const text = render(comparison(learners[3], learners[0], family));
    expect(text).toContain("<bdi>&lt;3&gt;</bdi> retains more than <bdi>&lt;0&gt;</bdi>: they are separated.");
    expect(text.match(/<circle/g)).toHaveLength(10);
    expect(text).toContain("Difference at each seed, in points: seed 0 +");
    expect(render(comparison(learners[1], learners[0], family))).toContain("minimum effect of 3.0 points");
    expect(render(comparison(learners[0], learners[0], family))).toContain("Choose two different learners.");
  });

  it("has no verdict where one is a preview, and none at all without a common seed", () => {
    const preview = {
      label: "new",
      rank: null,
      scores: new Map([
        [3, 0.9],
        [4, 0.8],
        [77, 0.1],
      ]),
    };
    const text = render(comparison(preview, learners[0], family));
    expect(text).toContain("no verdict, since 2 paired seeds of at least 10 are a preview.");
    expect(text).toContain("not in the correction");
    expect(differenceOf(preview, learners[0], family)?.bySeed.map(([seed]) => seed)).toEqual([3, 4]);
    const stranger = { label: "other", rank: null, scores: new Map([[99, 0.9]]) };
    expect(render(comparison(stranger, learners[0], family))).toContain("share no seed");
    const one = render(comparison({ ...stranger, scores: new Map([[3, 0.9]]) }, learners[0], family));
    expect(one).not.toMatch(/NaN|Infinity/);
  });
});
