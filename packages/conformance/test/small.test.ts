import { existsSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { checkMetric, checkTracker } from "@everlearn/conformance";
import type { JournalRecord, Metric, Plugin, Tracker } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { catches } from "./caught.js";

const checkingMetric = (value: Metric) => () => {
  const plugin: Plugin<"metric"> = {
    kind: "metric",
    name: "toy",
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
      return last === null ? null : last - initial[initial.length - 1];
    })());

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
    description: "A tracker.",
    options: {},
    create(_, { directory }) {
      directories.push(directory);
      const record = (line: JournalRecord) => appendFile(join(directory, "log"), `${JSON.stringify(line)}\n`);
      return { record, ...change };
    },
  };
  return checkTracker(plugin);
};

describe("checkTracker", () => {
  it("passes a sound tracker and takes its directory away", async () => {
    await checkingTracker({})();
    expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
  });

  catches("tracker", {
    creation: [checkingTracker(Object.fromEntries([["record"]])), "it has no record"],
    records: [
      checkingTracker({
        record(line) {
          line.time = "";
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
