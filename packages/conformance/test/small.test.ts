import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkMetric, checkTracker } from "@everlearn/conformance";
import type { JournalRecord, Metric, OptionsSchema, Plugin, Tracker } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { catches } from "./caught.js";

const checkingMetric = (value: Metric) => () => {
  const plugin: Plugin<"metric"> = {
    kind: "metric",
    name: "toy",
    contract: 2,
    description: "A metric.",
    options: {},
    create: () => value,
  };
  return checkMetric(plugin);
};

describe("checkMetric", () => {
  it("passes a sound metric", () =>
    checkingMetric(({ accuracy, initial }) => {
      const last = accuracy[accuracy.length - 1][initial.length - 1];
      const first = initial[initial.length - 1];
      return last === null || first === null ? null : last - first;
    })());

  it("passes a metric made of another one", () => {
    const complement: Plugin<"metric", OptionsSchema, "of"> = {
      kind: "metric",
      name: "complement",
      contract: 2,
      description: "What another metric lacks of 1.",
      options: {},
      needs: ["of"],
      create:
        (_, { of }) =>
        (evaluations) =>
          1 - (of(evaluations) ?? 0),
    };
    return checkMetric(complement);
  });

  catches("metric", {
    creation: [checkingMetric(7 as unknown as Metric), "it answered 7"],
    purity: [checkingMetric(() => Math.random()), "it used Math.random()"],
    number: [
      checkingMetric(({ accuracy: [row], initial }) => (row[0] ?? 0) / (initial.length - 1)),
      "for 1 tasks in 1 experiences it answered Infinity",
    ],
    steadiness: [
      checkingMetric(({ initial }) => {
        (initial as number[]).reverse();
        return 0;
      }),
      "[1].initial[0] is",
    ],
  });
});

const directories: string[] = [];
const checkingTracker = (change: Partial<Tracker>) => () => {
  const plugin: Plugin<"tracker"> = {
    kind: "tracker",
    name: "toy",
    contract: 2,
    description: "A tracker.",
    options: {},
    create: () => ({
      async sync(runs) {
        directories.push(...runs.map(({ directory }) => directory));
        return { pending: 0 };
      },
      ...change,
    }),
  };
  return checkTracker(plugin);
};

describe("checkTracker", () => {
  it("passes a sound tracker and takes its runs away", async () => {
    await checkingTracker({})();
    expect(directories.length).toBeGreaterThan(9);
    expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
  });

  it("passes a tracker made of another one", () => {
    const quiet: Plugin<"tracker", OptionsSchema, "of"> = {
      kind: "tracker",
      name: "quiet",
      contract: 2,
      description: "Another tracker, whose problems nobody hears of.",
      options: {},
      needs: ["of"],
      create: (_, { of }) => ({
        async sync(runs, given) {
          const { pending } = await of.sync(runs, given);
          return { pending };
        },
      }),
    };
    return checkTracker(quiet);
  });

  it("catches one that writes to the journal, or leaves something behind", async () => {
    const spoiling = checkingTracker({
      async sync([{ directory, running }]) {
        if (!running) writeFileSync(join(directory, "journal.jsonl"), "");
        return { pending: 0 };
      },
    });
    await expect(spoiling()).rejects.toThrow("of a run that ends the journal is Array(0) rather than");
    const slow = checkingTracker({ sync: async () => ({ pending: 2, problem: "It is down." }) });
    await expect(slow()).rejects.toThrow("2 things are pending: It is down.");
  });

  catches("tracker", {
    creation: [checkingTracker(Object.fromEntries([["sync"]])), "it has no sync"],
    runs: [
      checkingTracker({
        async sync([{ records }]) {
          (records as JournalRecord[])[0].time = "";
          return { pending: 0 };
        },
      }),
      'of a run that ends records[0].time is "" rather than',
    ],
    disposal: [
      checkingTracker(
        (() => {
          let times = 0;
          return {
            dispose() {
              if (++times > 4) throw new Error("It is gone.");
            },
          };
        })(),
      ),
      "it threw Error: It is gone",
    ],
  });
});
