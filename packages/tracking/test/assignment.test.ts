import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Choice, RunSpec } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { assignTrackers, createTrackers, withTrackers } from "../src/assignment.js";
import { folder } from "./runs.js";

const spec = (name: string, ...trackers: Choice[]): RunSpec => ({ name, trackers }) as unknown as RunSpec;

describe("trackers named on the command line", () => {
  it("are added to every spec that does not use them yet", () => {
    const own = { use: "mlflow", experiment: "mine" };
    const added = withTrackers([spec("a"), spec("b", own), spec("c", { use: "other" })], ["mlflow"]);
    expect(added.map(({ trackers }) => trackers)).toEqual([
      [{ use: "mlflow" }],
      [own],
      [{ use: "other" }, { use: "mlflow" }],
    ]);
  });
});

describe("the trackers of specs", () => {
  it("appear once for all runs that use them with the same options", () => {
    const [plain, mine] = [{ use: "mlflow" }, { use: "mlflow", experiment: "mine" }];
    const specs = [spec("a", plain), spec("b", mine, plain), spec("c"), spec("d", mine)];
    expect(assignTrackers(specs, () => ["here"])).toEqual([
      { choice: plain, searchPath: ["here"], runs: ["a", "b"] },
      { choice: mine, searchPath: ["here"], runs: ["b", "d"] },
    ]);
  });

  it("are told apart by where they are looked for", () => {
    const specs = [spec("a", { use: "./own.mjs" }), spec("b", { use: "./own.mjs" })];
    const assignments = assignTrackers(specs, ({ name }) => [name]);
    expect(assignments.map(({ searchPath, runs }) => [searchPath, runs])).toEqual([
      [["a"], ["a"]],
      [["b"], ["b"]],
    ]);
  });

  it("are created with their options, or refused in a sentence", async () => {
    const place = folder();
    writeFileSync(
      join(place, "own.mjs"),
      `export default {
        contract: 2, kind: "tracker", name: "own", description: "For a test.",
        options: { missing: { type: "integer", minimum: 0, description: "How many things never arrive." } },
        create: ({ missing }) => ({ sync: async () => ({ pending: missing }) }),
      };`,
    );
    const assignment = (missing: number) => ({ choice: { use: "./own.mjs", missing }, searchPath: [place] });
    const [{ tracker, runs }] = await createTrackers([{ ...assignment(3), runs: ["a"] }]);
    expect(runs).toEqual(["a"]);
    expect(await tracker.sync([], { last: true })).toEqual({ pending: 3 });
    await expect(createTrackers([assignment(-1)])).rejects.toThrow("trackers/missing must be ≥ 0.");
  });
});
