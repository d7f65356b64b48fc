import { type RunSpec, runsOf, type Search } from "@everlearn/records";
import fc from "fast-check";
import { isSealed } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import type { CellResult } from "../src/report.js";
import { chooseOptions, pointsOf } from "../src/tuning.js";

const [run] = runsOf(
  {
    name: "er",
    stream: { use: "blurry", of: { use: "rotated", tasks: 2, examplesPerTask: 10 } },
    learner: { use: "er", alpha: 1, k: 2 },
    buffer: { use: "reservoir", capacity: 20 },
  },
  "suite.json",
);
const search = (space: Record<string, readonly unknown[]>, trials = 1000): Search => ({
  protocol: "search",
  trials,
  seeds: [100, 101],
  space: { er: space },
});

describe("the points of a search", () => {
  it("are the whole grid in its order, where that is asked for", () => {
    const points = pointsOf(run, search({ "learner/alpha": [0.1, 0.2], "buffer/capacity": [5, 10, 20] }));
    expect(points.map(({ options }) => Object.values(options))).toEqual([
      [0.1, 5],
      [0.1, 10],
      [0.1, 20],
      [0.2, 5],
      [0.2, 10],
      [0.2, 20],
    ]);
    const { spec } = points[5];
    expect(spec).toEqual({
      ...run,
      learner: { use: "er", alpha: 0.2, k: 2 },
      buffer: { use: "reservoir", capacity: 20 },
    });
    expect(run.learner.alpha).toBe(1);
    expect(new Set(points.map(({ id }) => id)).size).toBe(6);
  });

  it("are as many distinct points of the grid as there are trials, in its order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.integer({ min: 0 }), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 1, max: 700 }),
        (axes, trials) => {
          const space = Object.fromEntries(axes.map((values, i) => [`learner/option${i}`, values]));
          const all = pointsOf(run, search(space)).map(({ id }) => id);
          const some = pointsOf(run, search(space, trials)).map(({ id }) => id);
          expect(all).toHaveLength(axes.reduce((product, values) => product * values.length, 1));
          expect(some).toHaveLength(Math.min(trials, all.length));
          const places = some.map((id) => all.indexOf(id));
          expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
          expect(places[0]).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it("are the same each time for a run's name, others for another's, and each is as likely", () => {
    const space = { "learner/alpha": [1, 2, 3, 4, 5, 6, 7], "learner/k": [1, 2, 3] };
    const drawn = (name: string) =>
      pointsOf({ ...run, name }, { ...search(space, 5), space: { [name]: space } }).map(({ options }) => options);
    expect(drawn("er")).toEqual(drawn("er"));
    expect(drawn("er")).not.toEqual(drawn("mer"));
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++)
      for (const options of drawn(`run-${i}`)) {
        const key = JSON.stringify(options);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    // 10,000 draws over 21 points: 476 each, within five standard deviations of 19 (hypergeometric: less).
    expect(counts.size).toBe(21);
    for (const count of counts.values()) expect(Math.abs(count - 10_000 / 21)).toBeLessThan(95);
  });

  it("of a space too large to be listed are drawn all the same", () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    const space = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((option) => [`learner/${option}`, values]));
    expect(new Set(pointsOf(run, search(space, 20)).map(({ id }) => id)).size).toBe(20);
    expect(() => pointsOf(run, search(space, 20_000))).toThrow(
      "suite.json: /protocol/tuning/space/er has 1000000000000000000 points, of which at most 10000 can be tried; give fewer trials.",
    );
  });

  it("reach into what a stream is made of", () => {
    const [{ spec }] = pointsOf(run, search({ "stream/of/tasks": [7] }));
    expect(spec.stream.of).toEqual({ use: "rotated", tasks: 7, examplesPerTask: 10 });
  });

  it.each([
    "alpha",
    "learner",
    "learner/use",
    "stream/of",
    "learner/a/b",
    "learner/__proto__",
    "seeds/0",
    "/learner/alpha",
  ])("cannot set %s", (path) => {
    expect(() => pointsOf(run, search({ [path]: [1] }))).toThrow(
      `suite.json: /protocol/tuning/space/er/${path} leads to no option; write a part and its option, such as "learner/alpha".`,
    );
  });

  it("cannot set options of a part that the run has not", () => {
    const { buffer: _, ...without } = run;
    expect(() => pointsOf(without as RunSpec, search({ "buffer/capacity": [1] }))).toThrow(
      "/protocol/tuning/space/er/buffer/capacity: the run has no buffer; give it one, or remove this.",
    );
    expect(() => pointsOf(run, search({ "optimizer/rate": [1] }))).toThrow("the run has no optimizer");
  });
});

describe("the choice", () => {
  const result = (retainedAccuracy: number | null, chance = 0.1) =>
    ({
      ...{ name: "er", accuracy: [], initial: [], chance },
      ...(retainedAccuracy === null
        ? { status: "diverged", metrics: {} }
        : { status: "finished", metrics: { retainedAccuracy } }),
    }) as unknown as CellResult;
  const tried = (...accuracies: readonly (readonly (number | null)[])[]) => {
    const own = search({ "learner/alpha": accuracies.map((_, i) => i + 1) });
    const points = pointsOf(run, own).map((point) => ({
      ...point,
      specId: `spec of ${point.id}`,
      trialSpecId: `spec of ${point.id}`,
    }));
    return chooseOptions(
      points,
      accuracies.map((row) => row.map((a) => result(a))),
      { name: "er", search: own },
    );
  };

  it("is the highest mean, and says what was tried", () => {
    const choice = tried([0.5, 0.6], [0.7, 0.5], [0.6, 0.55]);
    const { points, seal, ...rest } = choice;
    expect(isSealed(choice) && seal).toBeTruthy();
    expect(points[0].trials).toHaveLength(2);
    expect(rest).toEqual({ run: "er", seeds: [100, 101], space: 3, chosen: 1 });
    expect(points.map(({ options }) => options)).toEqual([1, 2, 3].map((alpha) => ({ "learner/alpha": alpha })));
    expect(points[1]).toMatchObject({ retainedAccuracy: [0.7, 0.5], mean: 0.6, specId: `spec of ${points[1].id}` });
  });

  it("is the first of equals", () => {
    expect(tried([0.25, 0.5], [0.5, 0.75], [0.75, 0.5]).chosen).toBe(1);
  });

  it("counts what did not finish as guessing", () => {
    const { chosen, points } = tried([0.05, 0.09], [null, null], [0.3, null]);
    expect(chosen).toBe(2);
    expect(points.map(({ mean }) => mean)).toEqual([0.07, 0.1, 0.2]);
  });
});
