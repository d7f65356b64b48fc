import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TableData, TableRow } from "../../src/site/columns.js";
import { courseOf } from "../../src/site/course.js";
import { type Compared, comparison, differenceOf, jointly } from "../../src/site/differences.js";
import { pathOf } from "../../src/site/line-chart.js";
import { el, render, scriptJson } from "../../src/site/markup.js";
import { firstOrder, matching, ordered, pressed } from "../../src/site/order.js";
import { linkToPath } from "../../src/site/page.js";
import { type Point, paretoFront, paretoPlot } from "../../src/site/pareto.js";
import { meanOf } from "../../src/site/pictures.js";
import { quoted } from "../../src/site/provenance.js";
import { counting, linear, logarithmic } from "../../src/site/scale.js";
import { slugs } from "../../src/site/slugs.js";
import { sharedRanks } from "../../src/statistics/ranks.js";
import {
  bytes,
  count,
  duration,
  points,
  probability,
  quantity,
  ranges,
  signedPoints,
} from "../../src/tables/format.js";
import { attacks, hostile } from "../hostile.js";

describe("markup", () => {
  it("is written with every text and every attribute escaped", () => {
    expect(
      render(el("p", { title: `"'<>&`, hidden: true, id: null, lang: undefined, dir: false }, "<b>", 1, null)),
    ).toBe('<p title="&quot;&apos;&lt;&gt;&amp;" hidden>&lt;b&gt;1</p>');
    expect(render(el("br"))).toBe("<br>");
    // What came from JSON is text, even if it has an element's shape.
    const forged = JSON.parse(JSON.stringify(el("script", { src: "x" }, "alert(1)"))) as string;
    expect(render(el("p", {}, forged))).toBe("<p>[object Object]</p>");
    expect(render(el("p", {}, ["<b>"] as unknown as string))).toBe("<p>&lt;b&gt;</p>");
  });

  it("holds JSON that cannot end its element and reads back", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.jsonValue()), (value) => {
        const text = scriptJson(value);
        expect(text).not.toMatch(/<|\u2028|\u2029/);
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe("slugs", () => {
  it("are names that every file system takes, each once, and leave good names alone", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 60 }), (texts) => {
        const found = slugs(texts);
        expect(new Set(found).size).toBe(texts.length);
        for (const slug of found) {
          expect(slug).toMatch(/^[a-z0-9_][a-z0-9._-]{0,80}$/);
          expect(slug).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/);
        }
      }),
    );
    expect(slugs(["er-200", "mer", "er-200", "ER 200", "er-200-2", "con", "con.x", "..", ""])).toEqual([
      "er-200",
      "mer",
      "er-200-2",
      "er-200-3",
      "er-200-2-2",
      "x-con",
      "x-con.x",
      "x-",
      "x--2",
    ]);
  });
});

describe("links and commands", () => {
  it("stay relative, whatever a path says", () => {
    fc.assert(
      fc.property(hostile, (path) => {
        const link = linkToPath("runs/x.html", path);
        expect(new URL(link, "http://site.invalid/a/b/runs/x.html").host).toBe("site.invalid");
        expect(link).toMatch(/^\.\.\/[\w.~%!'()*/-]*$/);
      }),
    );
    expect(linkToPath("runs/x.html", "receipts/a b/seed-0.json")).toBe("../receipts/a%20b/seed-0.json");
  });

  it("hand a shell one word, and no option", () => {
    const texts = fc.sample(hostile, { numRuns: 150, seed: 1 }).filter((text) => text !== "");
    const words = [...attacks.filter((text) => text !== ""), ...texts].map((text) =>
      text.replace(/\p{Surrogate}/gu, "?"),
    );
    const printed = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(quoted).join(" ")}`], { encoding: "utf8" });
    const expected = words.map((word) => `${word.startsWith("-") ? "./" : ""}${word.replace(/\p{Cc}/gu, "\uFFFD")}`);
    expect(printed.split("\0").slice(0, -1)).toEqual(expected);
    expect(quoted("er-200.json")).toBe("er-200.json");
  });
});

describe("numbers", () => {
  it("are written for people", () => {
    expect([0.12345, -0.12345, -0.0001, null, Number.NaN].map((value) => points(value))).toEqual([
      "12.3",
      "−12.3",
      "0.0",
      "–",
      "–",
    ]);
    expect([0.015, -0.015, 0, 0.0001].map((value) => signedPoints(value))).toEqual(["+1.5", "−1.5", "0.0", "0.0"]);
    expect([0, 999, 1000, 20_149_500].map(count)).toEqual(["0", "999", "1,000", "20,149,500"]);
    expect([0.03125, 1.5, 22, 1007.4, 5e9].map(quantity)).toEqual(["0.0313", "1.5", "22", "1,007", "5e9"]);
    expect([12, 358_440, 4_450_000, 2e9].map(bytes)).toEqual(["12 B", "358 kB", "4.45 MB", "2 GB"]);
    expect([12.34, 150, 7200].map(duration)).toEqual(["12.3 s", "3 min", "2 h"]);
    expect([0.5, 0.0019, 0.00099, 0].map(probability)).toEqual(["0.500", "0.002", "< 0.001", "< 0.001"]);
    expect([[], [3], [0, 1, 2, 5, 7, 8]].map(ranges)).toEqual(["–", "3", "0–2, 5, 7–8"]);
  });
});

describe("scales", () => {
  const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 });

  it("hold all values between their first and last tick, in order", () => {
    fc.assert(
      fc.property(values, (values) => {
        const { at, ticks } = linear(values, [0, 100]);
        expect(at(ticks[0])).toBeCloseTo(0, 6);
        expect(at(ticks[ticks.length - 1])).toBeCloseTo(100, 6);
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
        for (const value of values) {
          expect(at(value)).toBeGreaterThanOrEqual(-1e-6);
          expect(at(value)).toBeLessThanOrEqual(100 + 1e-6);
        }
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), { minLength: 1 }), (values) => {
        const { at, ticks } = logarithmic(values, [0, 100]);
        for (const value of values) {
          expect(at(value)).toBeGreaterThanOrEqual(-0.1);
          expect(at(value)).toBeLessThanOrEqual(100.1);
        }
        if (ticks.length > 2)
          expect(at(Math.sqrt(ticks[0] * ticks[2]))).toBeCloseTo((at(ticks[0]) + at(ticks[2])) / 2, 6);
      }),
    );
  });

  it("count experiences from 1", () => {
    expect(counting(20, [0, 190]).ticks).toEqual([1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(counting(20, [0, 190]).at(20)).toBe(190);
    expect(counting(1, [0, 10])).toMatchObject({ ticks: [1] });
    expect(counting(1, [0, 10]).at(1)).toBe(0);
  });
});

describe("the Pareto front", () => {
  const point = fc.record({
    label: fc.string(),
    cost: fc.integer({ min: 1, max: 6 }),
    accuracy: fc.integer({ min: 0, max: 6 }).map((sixths) => sixths / 6),
    preview: fc.boolean(),
  });

  it("holds exactly the points that none dominates", () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), (all) => {
        const dominates = (a: Point, b: Point) =>
          a.cost <= b.cost && a.accuracy >= b.accuracy && (a.cost < b.cost || a.accuracy > b.accuracy);
        const front = paretoFront(all);
        expect(new Set(front)).toEqual(new Set(all.filter((one) => !all.some((other) => dominates(other, one)))));
        expect(front).toHaveLength(new Set(front).size);
      }),
    );
  });

  it("is drawn and said, of official learners where there are some", () => {
    const points = [
      { label: "<cheap>", cost: 1, accuracy: 0.5, preview: false },
      { label: "dear", cost: 100, accuracy: 0.8, preview: false },
      { label: "poor", cost: 50, accuracy: 0.4, preview: false },
      { label: "hopeful", cost: 1, accuracy: 0.9, preview: true },
    ];
    const svg = render(paretoPlot(points, "gradients", String));
    expect(svg).toContain("On the front, the cheapest first: &lt;cheap&gt; (1, 50%); dear (100, 80%).");
    expect(svg.match(/class="dot leading"/g)).toHaveLength(2);
    expect(svg.match(/class="dot preview"/g)).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|Infinity/);
    const only = render(paretoPlot([points[3]], "gradients", String));
    expect(only).toContain('class="dot leading preview"');
  });

  it("is crossed by no name", () => {
    const all = [
      { label: "cheap", cost: 1, accuracy: 0.5, preview: false },
      { label: "dear and good", cost: 100, accuracy: 0.8, preview: false },
      { label: "nearly as good", cost: 101, accuracy: 0.795, preview: false },
      { label: "dear and worse", cost: 100, accuracy: 0.7, preview: false },
      { label: "dearest of all", cost: 1000, accuracy: 0.5, preview: false },
    ];
    const svg = render(paretoPlot(all, "gradients", String));
    const names = [...svg.matchAll(/<text class="name[^"]*" x="([\d.]+)" y="([\d.]+)">([^<]+)/g)];
    expect(names.length).toBeGreaterThan(3);
    const front = /class="front" d="M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)H([\d.]+)"/.exec(svg) ?? [];
    const [x0, y0, right, up, end] = front.slice(1).map(Number);
    expect(end).toBeGreaterThan(right);
    for (const [, x, y, text] of names) {
      const [left, base] = [Number(x), Number(y)];
      const covers = (fromX: number, toX: number, fromY: number, toY: number) =>
        left < toX && left + 6.6 * text.length > fromX && base - 11 < fromY && base + 3 > toY;
      expect(covers(x0, right, y0, y0) || covers(right, right, y0, up) || covers(right, end, up, up), text).toBe(false);
    }
  });
});

describe("the course of a run", () => {
  const entry = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 10 }) }, fc.constant(Number.NaN));
  const run = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([experiences, tasks]) =>
    fc.record({
      accuracy: fc.array(fc.array(entry, { minLength: tasks, maxLength: tasks }), {
        minLength: experiences,
        maxLength: experiences,
      }),
      tasks: fc.array(fc.uniqueArray(fc.nat({ max: tasks - 1 }), { minLength: 1 }), {
        minLength: experiences,
        maxLength: experiences,
      }),
    }),
  );

  it("is as its definition has it", () => {
    fc.assert(
      fc.property(run, ({ accuracy, tasks }) => {
        const { soFar, forgetting, learned } = courseOf(accuracy, tasks);
        const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
        const close = (found: number, wanted: number) =>
          Number.isNaN(wanted) ? expect(found).toBeNaN() : expect(found).toBeCloseTo(wanted, 9);
        accuracy.forEach((row, i) => {
          const came = [...new Set(tasks.slice(0, i + 1).flat())];
          close(soFar[i], mean(came.map((j) => row[j])));
          const earlier = [...new Set(tasks.slice(0, i).flat())];
          const falls = earlier.map((j) => {
            const first = tasks.findIndex((own) => own.includes(j));
            return Math.max(...accuracy.filter((_, l) => l >= first && l < i).map((past) => past[j])) - row[j];
          });
          close(forgetting[i], mean(falls));
        });
        learned.forEach((first, j) => expect(first).toBe(tasks.findIndex((own) => own.includes(j))));
      }),
    );
  });

  it("is a path with gaps, in which a lone value is a dot", () => {
    const same = (value: number) => value;
    const path = (...ys: number[]) =>
      pathOf(
        ys.map((y, x) => [x, y] as const),
        same,
        same,
      );
    expect(path(1, 2, 3)).toBe("M0 1L1 2L2 3");
    expect(path(1, Number.NaN, 3, 4)).toBe("M0 1h0M2 3L3 4");
    expect(path(Number.NaN)).toBe("");
  });

  it("of several seeds is their mean where they are alike", () => {
    const seed = (values: number[], tasks: number[][] | null = null, examples: number[] | null = null) => ({
      name: "seed",
      accuracy: { columns: 2, values },
      tasks,
      glances: examples && { examples, accuracy: { columns: 2, values: values.slice(0, 2) } },
    });
    const pair = [seed([1, 2, 3, -1], null, [5]), seed([3, 4, 5, 6], null, [5])];
    expect(meanOf(pair)).toEqual({
      name: "mean of 2 seeds",
      accuracy: { columns: 2, values: [2, 3, 4, -1] },
      tasks: null,
      glances: { examples: [5], accuracy: { columns: 2, values: [2, 3] } },
    });
    expect(meanOf([pair[0], seed([3, 4, 5, 6], null, [6])])?.glances).toBeNull();
    expect(meanOf([pair[0], seed([3, 4, 5, 6])])?.glances).toBeNull();
    expect(meanOf(pair.slice(1))).toBeNull();
    expect(meanOf([])).toBeNull();
    expect(meanOf([pair[0], seed([1, 2])])).toBeNull();
    expect(meanOf([pair[0], seed([1, 2, 3, 4], [[0], [0]])])).toBeNull();
  });
});

describe("the order of a table", () => {
  const row = (label: string, over: Partial<TableRow> = {}): TableRow => ({
    label,
    name: `run-${label}`,
    href: "",
    rank: 1,
    places: "1",
    band: 0,
    n: 10,
    ra: 0.5,
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
