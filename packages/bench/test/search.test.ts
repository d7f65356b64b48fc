import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Result, Tuned } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { er, into, states } from "./calls.js";
import { ending, jsonIn, messageOf, online, resultIn, suite } from "./suite.js";

describe("a search", () => {
  const tuning = {
    protocol: "search",
    trials: 100,
    seeds: [100, 101],
    space: {
      online: { "learner/alpha": [1e-6, 0.05, 1e30] },
      er: { "learner/alpha": [0.01], "buffer/capacity": [5, 10] },
    },
  };
  const searching = (changes: object = {}, more: object = {}) =>
    suite([{ name: "online", learner: { use: "online" } }, er, online(0.01, "fixed")], {
      seeds: [0, 1],
      protocol: { tuning: { ...tuning, ...changes } },
      ...more,
    });

  it("tries every point on its own seeds, and runs what did best on the official ones", async () => {
    const given = searching();
    const report = await into(given);
    expect(Object.values(states(report))).toEqual(new Array(6).fill("finished"));
    expect(report.trials).toHaveLength((3 + 2) * 2);
    const tuned = jsonIn(given.folder, "out/online/tuning.json") as Tuned;
    expect(tuned).toMatchObject({ run: "online", seeds: [100, 101], space: 3 });
    expect(tuned.points.map(({ options }) => options["learner/alpha"])).toEqual([1e-6, 0.05, 1e30]);

    // What was tried, from the trials' own results.
    const means = tuned.points.map(({ id, specId, retainedAccuracy }) => {
      const results = [100, 101].map((seed) => resultIn(given.folder, "out/tuning/online", id, `seed-${seed}`));
      const scores = results.map(({ status, chance, metrics }) =>
        status === "finished" ? (metrics.retainedAccuracy ?? Number.NaN) : chance,
      );
      expect(retainedAccuracy).toEqual(scores);
      for (const result of results) expect(result.specId).toBe(specId);
      for (const { spec } of results) expect(spec.seeds).toEqual([100, 101]);
      return (scores[0] + scores[1]) / 2;
    });
    expect(tuned.points.map(({ mean }) => mean)).toEqual(means);
    expect(tuned.chosen).toBe(means.indexOf(Math.max(...means)));
    expect(tuned.chosen).toBe(1);
    for (const seed of [0, 1]) {
      const { spec, specId } = resultIn(given.folder, "out/online", `seed-${seed}`);
      expect(spec.learner).toEqual({ use: "online", alpha: 0.05, clip: 0 });
      expect(spec.seeds).toEqual([0, 1]);
      expect(specId).toBe(tuned.points[1].specId);
    }
    expect((jsonIn(given.folder, "out/er/tuning.json") as Tuned).points).toHaveLength(2);
    expect(existsSync(join(given.folder, "out/fixed/tuning.json"))).toBe(false);

    const again = await into(given, { onEnd: () => expect.unreachable() });
    expect([...again.cells, ...again.trials].every(({ earlier }) => earlier)).toBe(true);
    expect(again.trials.map(({ trial }) => trial)).toEqual(report.trials.map(({ trial }) => trial));
  });

  it("gives a run's official cells the bits that it has without a search", async () => {
    const given = searching();
    await into(given);
    const plain = suite([online(0.05)], { seeds: [0] });
    await into(plain);
    const [a, b] = [given, plain].map(({ folder }) => resultIn(folder, "out/online/seed-0"));
    const bits = ({ specId, cellId, digest, accuracy }: Result) => ({ specId, cellId, digest, accuracy });
    expect(bits(a)).toEqual(bits(b));
  });

  it("tries no more than it may", async () => {
    const report = await into(searching({ trials: 1 }));
    expect(report.trials.map(({ name, seed }) => `${name} ${seed}`)).toEqual([
      ...["online 100", "online 101", "er 100", "er 101"],
    ]);
    expect(Object.keys(states(report))).toHaveLength(6);
  });

  it("chooses nothing where a trial came to no result, and leaves the others alone", async () => {
    const space = { well: { "learner/way": ["well", "throw"] } };
    const given = suite([ending("well"), online()], {
      protocol: { tuning: { ...tuning, space } },
    });
    const report = await into(given);
    expect(states(report)).toEqual({ "online 0": "finished" });
    expect(report.refused).toEqual([
      { name: "well", message: "2 of the 4 trials of well have no result, so its options cannot be chosen yet." },
    ]);
    expect(existsSync(join(given.folder, "out/well"))).toBe(false);
  });

  it.each<[string, object, object, RegExp]>([
    [
      "an unknown option",
      { space: { online: { "learner/alpha": [0.1], "learner/alhpa": [1, 2] } } },
      {},
      /^suite\.json: \/runs\/0\/learner has no option "alhpa"; did you mean "alpha"\? .+ \(with learner\/alpha = 0\.1, learner\/alhpa = 1, to be tried\.\)$/,
    ],
    [
      "a value out of range",
      { space: { online: { "learner/alpha": [0.1, -1] } } },
      {},
      /^suite\.json: \/runs\/0\/learner\/alpha must be > 0, but is -1\. \(with learner\/alpha = -1, to be tried\.\)$/,
    ],
    [
      "an option of a part that a closed track shares",
      { space: { online: { "learner/alpha": [0.1], "network/hidden": [[8], [9]] } } },
      { track: "closed" },
      /^suite\.json: \/runs\/0: online has another network than online, but the track is closed/,
    ],
  ])("refuses %s before anything starts", async (_, changes, protocol, message) => {
    const given = searching(changes, { protocol: { ...protocol, tuning: { ...tuning, ...changes } } });
    const error = await into(given).catch((error: unknown) => error);
    expect(messageOf(error, given.folder)).toMatch(message);
    expect(existsSync(join(given.folder, "out"))).toBe(false);
  });

  it("refuses official seeds on which options are chosen, from the call as from the suite", async () => {
    const given = searching();
    await expect(into(given, { seeds: [7, 101, 100] })).rejects.toThrow(
      /^online is to run on seeds 101, 100, on which its options are chosen, which would flatter it; use other seeds\.$/m,
    );
    expect(() => searching({}, { seeds: [5, 100] })).toThrow("must not contain official seeds, but has 100");
  });

  const honest = (changes: object) =>
    suite([{ name: "online", learner: { use: "online" } }, online(0.01, "fixed")], {
      seeds: [0, 1],
      stream: { use: "rotated", tasks: 4, examplesPerTask: 20 },
      protocol: { tuning: { ...tuning, space: { online: { "learner/alpha": [1e-6, 0.05] } }, ...changes } },
    });
  const specOf = (folder: string, ...path: string[]) => resultIn(folder, "out", ...path).spec;

  it("scores trials on training examples that are held out, where that is asked for", async () => {
    const given = honest({ validation: 0.25 });
    const report = await into(given);
    expect(report.trials.every(({ status }) => status === "finished")).toBe(true);
    const tuned = jsonIn(given.folder, "out/online/tuning.json") as Tuned;
    expect(report.choices).toEqual([tuned]);
    for (const { id, specId, trialSpecId, trials } of tuned.points) {
      const trial = resultIn(given.folder, "out/tuning/online", id, "seed-100");
      expect(trial.spec.dataset).toMatchObject({
        use: "@everlearn/dataset-validation",
        fraction: 0.25,
        of: { use: "glyphs" },
      });
      expect([trial.specId, trial.cellId]).toEqual([trialSpecId, trials?.[0].cellId]);
      expect(trialSpecId).not.toBe(specId);
    }
    expect(specOf(given.folder, "online/seed-0").dataset.use).toBe("glyphs");
    const plain = suite([online(0.05)], { seeds: [0], stream: { use: "rotated", tasks: 4, examplesPerTask: 20 } });
    await into(plain);
    const [a, b] = [given, plain].map(({ folder }) => resultIn(folder, "out/online/seed-0"));
    expect([a.specId, a.digest]).toEqual([b.specId, b.digest]); // official cells are what they are without
  });

  it("tunes on the first tasks, which the official cells of all runs leave out", async () => {
    const given = honest({
      firstTasks: 1,
      space: { online: { "learner/alpha": [0.05], "stream/maxAngle": [90, 180] } },
    });
    await into(given);
    const { points } = jsonIn(given.folder, "out/online/tuning.json") as Tuned;
    for (const { id, options, trialSpecId } of points) {
      const trial = resultIn(given.folder, "out/tuning/online", id, "seed-101");
      expect(trial.specId).toBe(trialSpecId);
      expect(trial.accuracy).toHaveLength(1);
      expect(trial.spec.stream).toMatchObject({ from: 0, tasks: 1, of: { maxAngle: options["stream/maxAngle"] } });
    }
    for (const run of ["online", "fixed"]) {
      const { spec, accuracy } = resultIn(given.folder, "out", run, "seed-1");
      expect(spec.stream).toMatchObject({
        use: "@everlearn/stream-task-range",
        from: 1,
        of: { use: "rotated", tasks: 4 },
      });
      expect(accuracy).toHaveLength(3);
    }
  });

  it("says before anything starts where the stream has too few tasks", async () => {
    await expect(into(honest({ firstTasks: 4 }))).rejects.toThrow(
      /the stream has 4 tasks, so there are no tasks from 4 on/,
    );
    expect(() => honest({ validation: 1 })).toThrow("/protocol/tuning/validation must be > 0 and < 1, but is 1.");
    expect(() => suite([online()], { protocol: { tuning: { protocol: "none", validation: 0.1 } } })).toThrow(
      '/protocol/tuning has "validation"; with "protocol": "none" goes nothing else.',
    );
  });
});
