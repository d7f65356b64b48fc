import type { Protocol, Tuned } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { createSite, type DefinedRun, markdown } from "../../src/index.js";
import { definition, honest, plugins, seeds } from "./definition.js";

const name = honest(0).name;
const specId = honest(0).specId;
const seal = "5".repeat(64);
const alphas = [0.1, 0.2, 0.3];
const protocol: Protocol = {
  ...definition().protocol,
  tuning: { protocol: "search", trials: 3, seeds: [100, 101], space: { [name]: { "learner/alpha": alphas } } },
};
const suite = definition({ protocol }, { points: alphas.map((alpha) => ({ "learner/alpha": alpha })) });

/** Trials of which the second point is the best, and ran. */
const proof: Tuned = {
  ...{ run: name, seeds: [100, 101], space: 3, chosen: 1, seal },
  points: alphas.map((alpha, i) => ({
    id: String(i),
    options: { "learner/alpha": alpha },
    specId: i === 1 ? specId : String(i).repeat(64),
    retainedAccuracy: i === 1 ? [0.6, 0.7] : [0.4, 0.5],
    mean: i === 1 ? 0.65 : 0.45,
    trials: [0, 1].map(() => ({ cellId: "c".repeat(64), digest: "d".repeat(64) })),
  })),
};
const point = (i: number, change: Partial<Tuned["points"][number]>): Tuned => ({
  ...proof,
  points: proof.points.map((one, k) => (k === i ? { ...one, ...change } : one)),
});

/** The setting with ER's receipts, of which the trials are these. */
function judged(tuned: Tuned | null, { alpha = 0.2, of = suite, tuning = true, run = name } = {}) {
  const site = createSite({ suites: [of], tuned: (wanted) => (tuned && wanted === seal ? tuned : undefined) });
  for (const seed of seeds) {
    const one = honest(seed);
    const spec = { ...one.spec, protocol, learner: { use: "er", alpha } };
    site.add({ ...one, name: run, spec: { ...spec, name: run }, ...(tuning ? { tuning: seal } : {}) });
  }
  const [found] = site.suites();
  return { ...found.settings[0], table: markdown([found]) };
}

describe("a suite that demands a search", () => {
  it("ranks a run with the sealed trials that chose its options", () => {
    const { rows, apart } = judged(proof);
    expect(apart).toEqual([]);
    expect(rows[0].rank).toBe(1);
  });

  it.each<[string, Tuned | null, Parameters<typeof judged>[1], RegExp]>([
    ["without trials, as run makes it", null, { tuning: false }, /it comes without the sealed trials of a search/],
    ["whose trials are elsewhere", null, {}, /its trials, sealed as 555555555555, are not here/],
    ["with another run's trials", { ...proof, run: "other" }, {}, /its trials are those of the run "other"/],
    ["tuned on other seeds", { ...proof, seeds: [0, 1] }, {}, /its trials ran on seeds 0–1, not on 100–101/],
    [
      "of which a point was not tried",
      { ...proof, points: proof.points.slice(0, 2) },
      {},
      /1 of the 3 points that the suite demands were not tried/,
    ],
    [
      "with a point of its own",
      point(0, { options: { "learner/alpha": 9 } }),
      {},
      /1 of its points are not the suite's/,
    ],
    ["with a point twice", point(0, { options: { "learner/alpha": 0.2 } }), {}, /a point of its search is there twice/],
    ["whose point is not the best", { ...proof, chosen: 0 }, {}, /its point is not the best of its trials/],
    ["that chose none", { ...proof, chosen: 7 }, {}, /its point is not the best/],
    ["with a mean that does not follow", point(0, { mean: 0.1 }), {}, /no trial for each seed, or another mean/],
    [
      "with an accuracy beyond 1",
      point(1, { retainedAccuracy: [2, 2], mean: 2 }),
      {},
      /no trial for each seed, or another mean/,
    ],
    ["with a trial less", point(1, { trials: [] }), {}, /no trial for each seed/],
    ["that ran with another spec", point(1, { specId: "9".repeat(64) }), {}, /its spec is not that of the best trials/],
    ["that ran with other options", proof, { alpha: 0.3 }, /learner\/alpha is 0.3, not 0.2, the best/],
    ["that the suite does not name", { ...proof, run: "mine" }, { run: "mine" }, /the suite states no space for it/],
  ])("sets a run apart %s", (_, tuned, options, reason) => {
    const { rows, apart, table } = judged(tuned, options);
    expect(rows).toEqual([]);
    expect(apart[0].reasons[0]).toMatch(/^Not tuned as the suite demands: /);
    expect(apart[0].reasons.join(" ")).toMatch(reason);
    expect(table).toContain("Not tuned as the suite demands");
  });

  it("ranks a run that is not searched with the options that the suite gives it, and with no others", () => {
    const spec = { ...honest(0).spec, learner: { use: "er", alpha: 0.2 }, seeds } as DefinedRun["spec"];
    const of = definition({ protocol }, { points: null, spec, plugins });
    expect(judged(null, { of, tuning: false }).apart).toEqual([]);
    expect(judged(null, { of, tuning: false, alpha: 0.5 }).apart[0].reasons[0]).toMatch(
      /the suite searches nothing for it, but its learner differs: alpha is 0.5, not 0.2/,
    );
  });

  it("demands the proof too where only receipts state its rules", () => {
    const stranger = { ...suite, name: "another" };
    expect(judged(proof, { of: stranger }).apart).toEqual([]);
    expect(judged(null, { of: stranger, tuning: false }).apart[0].reasons[0]).toMatch(/without the sealed trials/);
    expect(judged(point(0, { options: { "learner/alpha": 9 } }), { of: stranger }).apart[0].reasons[0]).toMatch(
      /not in the space/,
    );
  });
});
