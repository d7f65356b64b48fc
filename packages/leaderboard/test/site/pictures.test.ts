import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { courseOf } from "../../src/site/course.js";
import { pathOf } from "../../src/site/line-chart.js";
import { render } from "../../src/site/markup.js";
import { type Point, paretoFront, paretoPlot } from "../../src/site/pareto.js";
import { meanOf, pictures } from "../../src/site/pictures.js";
import { counting, linear, logarithmic } from "../../src/site/scale.js";

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
      probe: examples && { columns: 2, values },
      confusion: examples && { columns: 2, values: [10_000, 0, values[0], -1] },
      intermediate: examples && { examples, accuracy: { columns: 2, values: values.slice(0, 2) } },
    });
    const pair = [seed([1, 2, 3, -1], null, [5]), seed([3, 4, 5, 6], null, [5])];
    expect(meanOf(pair)).toEqual({
      name: "mean of 2 seeds",
      accuracy: { columns: 2, values: [2, 3, 4, -1] },
      tasks: null,
      probe: { columns: 2, values: [2, 3, 4, -1] },
      confusion: { columns: 2, values: [10_000, 0, 2, -1] },
      intermediate: { examples: [5], accuracy: { columns: 2, values: [2, 3] } },
    });
    expect(meanOf([pair[0], seed([3, 4, 5, 6], null, [6])])?.intermediate).toBeNull();
    expect(meanOf([pair[0], seed([3, 4, 5, 6])])?.intermediate).toBeNull();
    expect(meanOf([pair[0], seed([3, 4, 5, 6])])?.confusion).toBeNull();
    expect(meanOf(pair.slice(1))).toBeNull();
    expect(meanOf([])).toBeNull();
    expect(meanOf([pair[0], seed([1, 2])])).toBeNull();
    expect(meanOf([pair[0], seed([1, 2, 3, 4], [[0], [0]])])).toBeNull();
  });

  it("of a confusion matrix has a row for each output that was right, from 0", () => {
    const measured = { name: "seed 0", accuracy: { columns: 1, values: [6000] }, tasks: null, intermediate: null };
    const confusion = { columns: 3, values: [10_000, 0, 0, 2500, 7500, 0, -1, -1, -1] };
    const drawn = render(pictures({ ...measured, probe: null, confusion }));
    expect(drawn).toContain("Confusion matrix of 3 outputs. Where 0 was right: 100.0%, 0.0%, 0.0%.");
    expect(drawn).toContain("Where 1 was right: 25.0%, 75.0%, 0.0%.");
    const [, picture] = /<svg[^>]*class="matrix confusion"([\s\S]*?)<\/svg>/.exec(drawn) ?? [];
    expect([...(picture ?? "").matchAll(/<text [^>]*text-anchor="end">(\d)</g)].map(([, label]) => label)).toEqual([
      "0",
      "1",
      "2",
    ]);
    expect(render(pictures({ ...measured, probe: null, confusion: null }))).not.toContain("Confusion");
  });

  it("of a linear probe joins the course, as a mean over the tasks that have come", () => {
    const measured = { name: "seed 0", accuracy: { columns: 2, values: [6000, -1, 5000, 7000] }, tasks: null };
    const probe = { columns: 2, values: [9000, -1, 8000, 9500] };
    const drawn = render(pictures({ ...measured, intermediate: null, confusion: null, probe }));
    expect(drawn).toContain("A linear probe reaches 87.5%.");
    expect(drawn).toContain("linear probe on the tasks so far");
    const without = render(pictures({ ...measured, intermediate: null, confusion: null, probe: null }));
    expect(without).not.toContain("probe");
  });
});
