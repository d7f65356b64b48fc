import { checkMetric } from "@everlearn/conformance";
import type { Evaluations } from "@everlearn/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metrics } from "../src/index.js";

const three: Evaluations = {
  accuracy: [
    [0.9, 0.2, 0.1],
    [0.7, 0.8, 0.3],
    [0.5, 0.6, 0.7],
  ],
  initial: [0.1, 0.15, 0.2],
  tasks: [[0], [1], [2]],
  intermediate: [],
  gradients: 1234,
  bytes: 5678,
};
const one: Evaluations = { ...three, accuracy: [[0.75]], initial: [0.25], tasks: [[0]] };

/** `three`, looked at twice within every task. */
const between: Evaluations = {
  ...three,
  intermediate: [
    { examples: 10, experience: 0, accuracy: [0.4, null, null] },
    { examples: 20, experience: 0, accuracy: [0.95, null, null] },
    { examples: 40, experience: 1, accuracy: [0.3, 0.5, null] },
    { examples: 50, experience: 1, accuracy: [0.6, 0.7, null] },
    { examples: 70, experience: 2, accuracy: [0.8, 0.45, 0.2] },
    { examples: 80, experience: 2, accuracy: [0.65, 0.9, 0.6] },
  ],
};

/** Two tasks, of which the first comes again. */
const again: Evaluations = {
  ...three,
  accuracy: [
    [0.9, 0.2],
    [0.3, 0.8],
    [0.7, 0.6],
  ],
  initial: [0.1, 0.1],
  tasks: [[0], [1], [0]],
  intermediate: [
    { examples: 10, experience: 0, accuracy: [0.5, null] },
    { examples: 30, experience: 1, accuracy: [0.4, 0.5] },
    { examples: 50, experience: 2, accuracy: [0.6, 0.65] },
  ],
};

/** One experience of both tasks. */
const mixed: Evaluations = {
  ...three,
  accuracy: [[0.6, 0.8]],
  initial: [0.1, 0.1],
  tasks: [[0, 1]],
  intermediate: [{ examples: 10, experience: 0, accuracy: [0.4, 0.5] }],
};

/** Three tasks that run into each other; the first is over when the third begins. */
const blurry: Evaluations = {
  ...three,
  accuracy: [
    [0.8, 0.4, 0.1],
    [0.6, 0.7, 0.3],
    [0.5, 0.6, 0.9],
  ],
  tasks: [
    [0, 1],
    [0, 1],
    [1, 2],
  ],
  intermediate: [
    { examples: 10, experience: 0, accuracy: [0.5, null, null] }, // task 1 had not come
    { examples: 30, experience: 1, accuracy: [0.7, 0.35, null] },
    { examples: 50, experience: 2, accuracy: [0.6, 0.2, 0.1] },
  ],
};

/** `three` as evaluated with "current-and-next". */
const sparse: Evaluations = {
  ...three,
  accuracy: [
    [0.9, 0.2, null],
    [null, 0.8, 0.3],
    [0.5, 0.6, 0.7],
  ],
  intermediate: between.intermediate,
};

type Name = keyof typeof metrics;
const oneExpected: Partial<Record<Name, number>> = {
  retainedAccuracy: 0.75,
  learningAccuracy: 0.75,
  backwardTransferAndInterference: 0,
  averageIncrementalAccuracy: 0.75,
};

const expected: Record<string, { of: Evaluations; are: Partial<Record<Name, number>> }> = {
  "three tasks in order": {
    of: three,
    are: {
      retainedAccuracy: (0.5 + 0.6 + 0.7) / 3,
      learningAccuracy: (0.9 + 0.8 + 0.7) / 3,
      backwardTransferAndInterference: 0.6 - 0.8,
      forwardTransfer: (0.2 - 0.15 + (0.3 - 0.2)) / 2,
      backwardTransfer: (0.5 - 0.9 + (0.6 - 0.8)) / 2,
      averageIncrementalAccuracy: (0.9 + (0.7 + 0.8) / 2 + 0.6) / 3,
      forgettingFromPeak: (0.9 - 0.5 + (0.8 - 0.6)) / 2,
      forgettingFromPeakOrZero: (0.9 - 0.5 + (0.8 - 0.6)) / 2,
      forgettingSinceLearned: (0.9 - 0.5 + (0.8 - 0.6)) / 2,
    },
  },
  "three tasks, intermediate evaluations": {
    of: between,
    are: {
      retainedAccuracy: 0.6,
      learningAccuracy: 0.8,
      backwardTransferAndInterference: -0.2,
      forwardTransfer: 0.075,
      backwardTransfer: -0.3,
      averageIncrementalAccuracy: (0.9 + 0.75 + 0.6) / 3,
      forgettingFromPeak: 0.3,
      forgettingFromPeakOrZero: 0.3,
      forgettingSinceLearned: 0.3,
      averageAnytimeAccuracy:
        (0.9 + 0.75 + 0.6 + 0.4 + 0.95 + 0.4 + 0.65 + (0.8 + 0.45 + 0.2) / 3 + (0.65 + 0.9 + 0.6) / 3) / 9,
      minAccuracy: (0.3 + 0.45) / 2,
      worstCaseAccuracy: 0.7 / 3 + (2 / 3) * 0.375,
      stabilityGap: (0.9 - 0.3 + (0.7 - 0.65) + (0.8 - 0.45)) / 3,
    },
  },
  "one task": { of: one, are: oneExpected },
  "one task, intermediate evaluations": {
    of: { ...one, intermediate: [{ examples: 5, experience: 0, accuracy: [0.25] }] },
    are: { ...oneExpected, averageAnytimeAccuracy: 0.5 },
  },
  "a task that comes again": {
    of: again,
    are: {
      retainedAccuracy: 0.65,
      learningAccuracy: (0.9 + 0.8 + 0.7) / 3,
      backwardTransferAndInterference: 0.65 - 0.8,
      averageIncrementalAccuracy: (0.9 + (0.3 + 0.8) / 2 + (0.7 + 0.6) / 2) / 3,
      forgettingFromPeak: 0.8 - 0.6,
      forgettingFromPeakOrZero: 0.8 - 0.6,
      averageAnytimeAccuracy: (0.9 + 0.55 + 0.65 + 0.5 + 0.45 + 0.625) / 6,
      minAccuracy: 0.6,
      worstCaseAccuracy: 0.7 / 2 + 0.6 / 2,
      stabilityGap: (0.9 - 0.4 + (0.8 - 0.65)) / 2,
    },
  },
  "tasks in one experience": {
    of: mixed,
    are: { retainedAccuracy: 0.7, averageIncrementalAccuracy: 0.7, averageAnytimeAccuracy: (0.7 + 0.45) / 2 },
  },
  "tasks that run into each other": {
    of: blurry,
    are: {
      retainedAccuracy: (0.5 + 0.6 + 0.9) / 3,
      averageIncrementalAccuracy: ((0.8 + 0.4) / 2 + (0.6 + 0.7) / 2 + (0.5 + 0.6 + 0.9) / 3) / 3,
      averageAnytimeAccuracy: (0.6 + 0.65 + 2 / 3 + 0.5 + (0.7 + 0.35) / 2 + (0.6 + 0.2 + 0.1) / 3) / 6,
    },
  },
  "tasks that run into each other, no intermediate evaluations": {
    of: { ...blurry, intermediate: [] },
    are: { retainedAccuracy: 2 / 3, averageIncrementalAccuracy: (0.6 + 0.65 + 2 / 3) / 3 },
  },
  "an experience without examples": {
    of: { ...three, tasks: [[0], [], [1, 2]] },
    are: { retainedAccuracy: 0.6, averageIncrementalAccuracy: (0.9 + 0.7 + 0.6) / 3 },
  },
  "rows of the present task and the next": {
    of: sparse,
    are: {
      retainedAccuracy: 0.6,
      learningAccuracy: 0.8,
      backwardTransferAndInterference: -0.2,
      forwardTransfer: 0.075,
      backwardTransfer: -0.3,
      forgettingSinceLearned: 0.3,
    },
  },
};

it.each(Object.keys(metrics) as Name[])("%s is a metric as plugins have to be", async (name) => {
  const plugin = { kind: "metric", name: name.toLowerCase(), contract: 2, description: "Ours.", options: {} } as const;
  await checkMetric({ ...plugin, create: () => metrics[name] });
});

describe.each(Object.entries(expected))("of %s", (_, { of, are }) => {
  it.each(Object.keys(metrics) as Name[])("%s is what one computes by hand, or null", (name) => {
    const value = { memoryBytes: 5678, exampleGradients: 1234, ...are }[name];
    if (value === undefined) expect(metrics[name](of)).toBeNull();
    else expect(metrics[name](of)).toBeCloseTo(value, 14);
  });
});

describe("the ways to measure forgetting", () => {
  /** Task 0 was best before it was learned, then while task 1 was; task 1 in the end. */
  const odd: Evaluations = {
    ...three,
    accuracy: [
      [0.5, 0.9, 0.1],
      [0.8, 0.4, 0.1],
      [0.6, 0.7, 0.9],
    ],
  };

  it("differ in the rows from which they take the best", () => {
    expect(metrics.forgettingFromPeak(odd)).toBeCloseTo((0.8 - 0.6 + (0.9 - 0.7)) / 2, 14);
    expect(metrics.forgettingFromPeakOrZero(odd)).toBeCloseTo((0.8 - 0.6 + 0) / 2, 14);
    expect(metrics.forgettingSinceLearned(odd)).toBeCloseTo((0.5 - 0.6 + (0.4 - 0.7)) / 2, 14);
  });

  it("can be negative, but for one of them", () => {
    const better = {
      ...three,
      accuracy: [
        [0.2, 0],
        [0.5, 0.5],
      ],
      initial: [0, 0],
      tasks: [[0], [1]],
    };
    expect(metrics.forgettingFromPeak(better)).toBeCloseTo(-0.3, 14);
    expect(metrics.forgettingFromPeakOrZero(better)).toBe(0);
    expect(metrics.forgettingSinceLearned(better)).toBeCloseTo(-0.3, 14);
  });
});

describe("metrics of intermediate evaluations", () => {
  it("take no rise for a fall", () => {
    const risen = between.intermediate.map((one) => ({ ...one, accuracy: one.accuracy.map((a) => a && 1) }));
    expect(metrics.stabilityGap({ ...between, intermediate: risen })).toBe(0);
    expect(metrics.minAccuracy({ ...between, intermediate: risen })).toBeCloseTo((0.5 + 0.6) / 2, 14);
  });

  it("need an intermediate evaluation in every later experience to say how far it fell", () => {
    const intermediate = between.intermediate.filter(({ experience }) => experience < 2);
    expect(metrics.stabilityGap({ ...between, intermediate })).toBeNull();
    expect(metrics.minAccuracy({ ...between, intermediate })).toBeCloseTo((0.3 + 0.6) / 2, 14);
  });
});

const fraction = fc.integer({ min: 0, max: 64 }).map((n) => n / 64);
/** Runs of task after task, with up to three intermediate evaluations in each. */
const runs = fc.integer({ min: 2, max: 5 }).chain((count) =>
  fc.record({
    accuracy: fc.array(fc.array(fraction, { minLength: count, maxLength: count }), {
      minLength: count,
      maxLength: count,
    }),
    initial: fc.array(fraction, { minLength: count, maxLength: count }),
    tasks: fc.constant(Array.from({ length: count }, (_, i) => [i])),
    intermediate: fc
      .array(fc.array(fc.array(fraction, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 3 }), {
        minLength: count,
        maxLength: count,
      })
      .map((all) =>
        all.flatMap((of, experience) =>
          of.map((row, i) => ({
            examples: 10 * experience + i + 1,
            experience,
            accuracy: row.map((a, task) => (task <= experience ? a : null)),
          })),
        ),
      ),
    gradients: fc.nat(),
    bytes: fc.nat(),
  }),
);

describe("of any run of task after task", () => {
  const value = (name: Name, run: Evaluations) => metrics[name](run) as number;

  it("all metrics are numbers, in their ranges", () => {
    fc.assert(
      fc.property(runs, (run) => {
        for (const name of Object.keys(metrics) as Name[]) expect(metrics[name](run)).not.toBeNull();
        for (const name of [
          ...["retainedAccuracy", "learningAccuracy", "averageIncrementalAccuracy", "averageAnytimeAccuracy"],
          ...["minAccuracy", "worstCaseAccuracy", "stabilityGap", "forgettingFromPeakOrZero"],
        ] as Name[]) {
          expect(value(name, run)).toBeGreaterThanOrEqual(0);
          expect(value(name, run)).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });

  it("they hold to what connects them", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const count = run.initial.length;
        const bti = value("backwardTransferAndInterference", run);
        expect(value("backwardTransfer", run)).toBeCloseTo((bti * count) / (count - 1), 12);
        expect(value("forgettingSinceLearned", run)).toBeCloseTo(-value("backwardTransfer", run), 12);
        expect(value("forgettingFromPeak", run)).toBeGreaterThanOrEqual(value("forgettingSinceLearned", run));
        expect(value("forgettingFromPeakOrZero", run)).toBeGreaterThanOrEqual(value("forgettingSinceLearned", run));
        const last = run.accuracy[count - 1];
        const kept = last.slice(0, -1).reduce((sum, a) => sum + a, 0) / (count - 1);
        expect(value("minAccuracy", run)).toBeLessThanOrEqual(kept + 1e-12);
        expect(value("worstCaseAccuracy", run)).toBeLessThanOrEqual(value("retainedAccuracy", run) + 1e-12);
      }),
    );
  });

  it("more intermediate evaluations never raise the worst case nor close the gap", () => {
    fc.assert(
      fc.property(runs, (run) => {
        const fewer = run.intermediate.filter(
          ({ experience }, i) => run.intermediate[i + 1]?.experience !== experience,
        );
        const less = { ...run, intermediate: fewer };
        expect(value("minAccuracy", run)).toBeLessThanOrEqual(value("minAccuracy", less) + 1e-12);
        expect(value("stabilityGap", run)).toBeGreaterThanOrEqual(value("stabilityGap", less) - 1e-12);
      }),
    );
  });

  it("an experience of one more task leaves those defined that do not speak of its task", () => {
    fc.assert(
      fc.property(runs, fc.nat(), fc.nat(), (run, i, j) => {
        const count = run.initial.length;
        const [experience, task] = [i % count, j % count];
        fc.pre(experience !== task);
        const both = [experience, task].sort((a, b) => a - b);
        const blurred = { ...run, tasks: run.tasks.map((of, e) => (e === experience ? both : of)) };
        const defined = (Object.keys(metrics) as Name[]).filter((name) => metrics[name](blurred) !== null);
        expect(defined).toEqual([
          ...["retainedAccuracy", "averageIncrementalAccuracy", "averageAnytimeAccuracy"],
          ...["memoryBytes", "exampleGradients"],
        ]);
        let incremental = 0;
        for (let e = 0; e < count; e++) {
          let [sum, come] = [0, 0];
          for (let t = 0; t < count; t++)
            if (t <= e || (t === task && e >= experience)) {
              sum += run.accuracy[e][t];
              come++;
            }
          incremental += sum / come / count;
        }
        expect(value("averageIncrementalAccuracy", blurred)).toBeCloseTo(incremental, 12);
        const [rows, looks] = [count, run.intermediate.length];
        expect(value("averageAnytimeAccuracy", blurred) - value("averageAnytimeAccuracy", run)).toBeCloseTo(
          ((incremental - value("averageIncrementalAccuracy", run)) * rows) / (rows + looks),
          12,
        );
      }),
    );
  });

  it("a missing accuracy makes null what needs it, never another number", () => {
    fc.assert(
      fc.property(runs, fc.nat(), fc.nat(), (run, i, j) => {
        const count = run.initial.length;
        const [row, task] = [i % (count - 1), j % count];
        const holed = {
          ...run,
          accuracy: run.accuracy.map((of, e) => of.map((a, j) => (e === row && j === task ? null : a))),
        };
        for (const name of Object.keys(metrics) as Name[])
          expect([null, metrics[name](run)]).toContain(metrics[name](holed));
        expect(metrics.retainedAccuracy(holed)).toBe(metrics.retainedAccuracy(run));
        expect(metrics.learningAccuracy(holed) === null).toBe(row === task);
        expect(metrics.forwardTransfer(holed) === null).toBe(row + 1 === task);
        expect(metrics.averageIncrementalAccuracy(holed) === null).toBe(task <= row);
        expect(metrics.forgettingFromPeak(holed) === null).toBe(task < count - 1);
        expect(metrics.minAccuracy(holed) === null).toBe(task < row);
      }),
    );
  });
});
