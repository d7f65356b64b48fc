import type { Receipt } from "@everlearn/records";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csv, markdown, standings } from "../../src/index.js";
import { mean } from "../../src/statistics/mean.js";
import { sharedRanks } from "../../src/statistics/ranks.js";
import { comparedSeeds } from "../../src/statistics/seeds.js";
import { placesOf } from "../../src/tables/places.js";
import { type Learner, learners, leaderboard, madeUp } from "../receipts.js";

const suites = standings(leaderboard());
const setting = (name: string) => {
  const found = suites.flatMap(({ settings }) => settings).find((one) => one.name === name);
  if (!found) throw new Error(`There is no setting ${name}.`);
  return found;
};

function receiptsOf(learner: Learner, count: number, change: (receipt: Receipt) => Receipt = (one) => one): Receipt[] {
  return Array.from({ length: count }, (_, seed) => change(madeUp({ learner, seed })));
}

const only = (receipts: readonly Receipt[]) => standings(receipts)[0].settings[0];

describe("standings", () => {
  it("are by suite and setting, the ranked before previews, each by mean", () => {
    expect(suites.map(({ name, title }) => [name, title])).toEqual([
      ["permutations", "Permuted digits"],
      ["rotations", "Rotated digits"],
    ]);
    expect(suites[1].settings.map(({ name }) => name)).toEqual(["rotations-200", "rotations-500"]);
    for (const { rows, seeds } of suites.flatMap(({ settings }) => settings)) {
      expect(seeds).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(rows.map(({ label }) => label).at(-1)).toBe("A-GEM");
      const ranked = rows.slice(0, -1).map(({ score }) => score as number);
      expect(ranked).toEqual(ranked.toSorted((a, b) => b - a));
    }
  });

  it("has ranks and intervals as sharedRanks answers them", () => {
    const receipts = [...leaderboard()].filter(({ spec }) => spec.settings?.[0] === "rotations-500");
    const names = [...new Set(receipts.map(({ name }) => name))];
    const score = ({ status, metrics, chance }: Receipt) =>
      (status === "finished" ? metrics.retainedAccuracy : chance) as number;
    const entries = names.map((name) => ({
      name,
      scores: new Map(receipts.filter((one) => one.name === name).map((one) => [one.seed, score(one)])),
    }));
    const oracle = sharedRanks(entries, { minimumEffect: 0.01 });
    const { rows, holm } = setting("rotations-500");
    for (const { run, rank, band, interval, score: mean, n } of rows) {
      const entry = oracle.entries.find(({ name }) => name === run.name);
      expect({ rank, band, interval, n, mean }).toEqual({
        rank: entry?.rank,
        band: entry?.band,
        interval: entry?.interval,
        n: entry?.n,
        mean: entry?.mean,
      });
    }
    const corrected = new Map(holm);
    for (const { p, holm } of oracle.comparisons) expect(corrected.get(p)).toBe(holm);
  });

  it("never rank fewer than ten paired seeds", () => {
    for (const { rows } of suites.flatMap(({ settings }) => settings))
      expect(rows.find(({ label }) => label === "A-GEM")).toMatchObject({ rank: null, band: null, n: 3 });
    const few = only(learners.flatMap((learner) => receiptsOf(learner, 9)));
    expect(few.rows.map(({ rank }) => rank)).toEqual(learners.map(() => null));
  });

  it("are by prequential accuracy where no task is tested", () => {
    const receipts = learners.slice(0, 2).flatMap((learner, place) =>
      receiptsOf(learner, 10, ({ spec, metrics: _metrics, ...receipt }) => ({
        ...receipt,
        spec: { ...spec, evaluation: { tasks: "none", every: 0, examples: 0, prequential: { window: 100, delay: 0 } } },
        metrics: { retainedAccuracy: null, prequentialAccuracy: 0.6 + place / 10 + receipt.seed / 1000 },
      })),
    );
    const { rows } = only(receipts);
    expect(rows.map(({ label, metric, rank }) => [label, metric, rank])).toEqual([
      [learners[1].label, "prequentialAccuracy", 1],
      [learners[0].label, "prequentialAccuracy", 2],
    ]);
    expect(rows[0].score).toBeCloseTo(0.7045, 10);
    const [titles, first] = csv(standings(receipts))
      .split("\r\n")
      .map((line) => line.split(","));
    const said = Object.fromEntries(titles.map((title, i) => [title, first[i]]));
    expect(said).toMatchObject({ retainedAccuracy: "", prequentialAccuracy: String(rows[0].score) });
    const table = markdown(standings(receipts));
    expect(table).toContain("| Prequential % |");
    expect(table).not.toContain("LA %");
  });

  it("let a cell that diverged score as guessing does, and not vanish", () => {
    const row = setting("rotations-500").rows.find(({ label }) => label === "EWC");
    const scores = [...(row?.scores.values() ?? [])];
    expect(scores).toHaveLength(10);
    expect(scores[7]).toBe(0.1);
    expect(row).toMatchObject({ diverged: 1, n: 10, rank: 4, backwardTransferAndInterference: null, forgetting: null });
    expect(row?.score).toBe(mean(scores));
  });

  it("has no mean of the survivors where guessing is not known either", () => {
    const receipts = receiptsOf(learners[0], 10, ({ chance: _chance, ...receipt }) =>
      receipt.seed === 3 ? { ...receipt, status: "over-budget", metrics: {} } : receipt,
    );
    const { rows } = only([...receipts, ...receiptsOf(learners[1], 10)]);
    expect(rows.find(({ label }) => label === "Online")).toMatchObject({
      rank: null,
      score: null,
      interval: null,
      overBudget: 1,
    });
  });

  it("look at the seeds that most have; others are neither in the mean nor in the way", () => {
    const receipts = [
      ...learners.slice(0, 3).flatMap((learner) => receiptsOf(learner, 10)),
      ...receiptsOf(learners[3], 12),
      ...receiptsOf(learners[4], 10, (one) => ({ ...one, seed: one.seed + 100 })),
    ];
    const { rows, seeds } = only(receipts);
    expect(seeds).toHaveLength(10);
    const n = Object.fromEntries(rows.map(({ label, n, rank }) => [label, [n, rank !== null]]));
    expect(n).toEqual({
      Online: [10, true],
      EWC: [10, true],
      ER: [10, true],
      "A-GEM": [10, true],
      "DER++": [10, false],
    });
  });

  it("put a run into each of its settings, and name other rules", () => {
    const shared = receiptsOf(learners[0], 2, (one) => ({ ...one, spec: { ...one.spec, settings: ["a", "b", "a"] } }));
    expect(standings(shared)[0].settings.map(({ name, rows }) => [name, rows.length])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    const lax = receiptsOf(learners[1], 2, (one) => ({
      ...one,
      spec: { ...one.spec, protocol: { ...one.spec.protocol, minimumEffect: 0 } },
    }));
    const [suite, ...more] = standings([...receiptsOf(learners[0], 3), ...lax]);
    expect(more).toEqual([]);
    expect(suite.protocol.minimumEffect).toBe(0.01);
    expect(suite.settings[0].rows.map(({ label, notes }) => [label, notes])).toEqual(
      [
        ["Online", []],
        ["EWC", ["Its receipts state another minimumEffect than the suite; the suite's counts."]],
      ].toSorted(
        (a, b) =>
          suite.settings[0].rows.findIndex(({ label }) => label === a[0]) -
          suite.settings[0].rows.findIndex(({ label }) => label === b[0]),
      ),
    );
    const old = (tasks: number, learner: Learner) =>
      receiptsOf(learner, 2, ({ spec, ...one }) => {
        const { protocol: _, settings: __, label: ___, ...rest } = spec;
        return { ...one, spec: { ...rest, stream: { use: "rotated", tasks } as Receipt["spec"]["stream"] } };
      });
    expect(
      standings([...old(5, learners[0]), ...old(20, learners[1])]).map(({ name, title }) => [name, title]),
    ).toEqual([
      [null, "mnist · rotated, 20 tasks"],
      [null, "mnist · rotated, 5 tasks"],
    ]);
  });

  it("refuse a second receipt of a cell", () => {
    const [receipt] = receiptsOf(learners[0], 1);
    expect(() => standings([receipt, { ...receipt }])).toThrow(
      /"online-rotations-200" has two receipts of seed 0 and spec [0-9a-f]{12}; give one for each cell\./,
    );
    expect(standings([])).toEqual([]);
  });

  it("take numbers of old receipts from their metrics", () => {
    const old = receiptsOf(learners[2], 2, ({ bytes: _bytes, gradients: _gradients, ...one }) => ({
      ...one,
      metrics: { ...one.metrics, memoryBytes: 1234, exampleGradients: 20_000 },
    }));
    expect(only(old).rows[0]).toMatchObject({ bytes: 1234, gradientsPerExample: 2 });
  });
});

describe("places of many", () => {
  const many = (n: number, seeds: number, spread: number) =>
    Array.from(
      { length: n },
      (_, i) =>
        new Map(
          Array.from({ length: seeds }, (_, seed) => [
            seed,
            0.2 + (spread * i) / n + ((seed * 7 + i * 13) % 11) / 1000,
          ]),
        ),
    );

  it("are those of sharedRanks where nothing is separated", () => {
    const entries = [...many(251, 10, 0.7), ...many(5, 3, 0.7), new Map<number, number>()];
    const { places, seeds, holm } = placesOf(entries, 0.01);
    expect(holm).toEqual([]);
    const named = entries.slice(0, -1).map((scores, i) => ({ name: String(i), scores }));
    // An effect that no two reach: none is separated.
    const oracle = sharedRanks(named, { minimumEffect: 1 });
    expect(seeds).toEqual(oracle.seeds);
    expect(places.slice(0, -1)).toEqual(oracle.entries.map(({ rank, band, interval }) => ({ rank, band, interval })));
    expect(places.at(-1)).toEqual({ rank: null, band: null, interval: null });
  });

  it("are of learners compared up to 250, above which all share a rank", () => {
    const halves = (n: number) =>
      many(n, 10, 0).map((scores, i) => new Map([...scores].map(([s, x]) => [s, x + (i < 9 ? 0.5 : 0)])));
    const ranksOf = (n: number) => [...new Set(placesOf(halves(n), 0.1).places.map(({ rank }) => rank))];
    expect(ranksOf(250)).toEqual([1, 10]);
    expect(ranksOf(251)).toEqual([1]);
  });

  it("are over the seeds that comparedSeeds finds", () => {
    const sets = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 14 }), { minLength: 1, maxLength: 14 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(sets, fc.infiniteStream(fc.nat({ max: 5 })), (sets, choices) => {
        const entries = Array.from({ length: 251 }, () => {
          const seeds = sets[choices.next().value % sets.length];
          return new Map(seeds.map((seed) => [seed, 0.5]));
        });
        const { seeds } = placesOf(entries, 0);
        expect(seeds).toEqual(comparedSeeds(entries.map((scores, i) => ({ name: String(i), scores }))));
      }),
      { numRuns: 60 },
    );
  });
});
