import { describe, expect, it } from "vitest";
import { pluginProblems } from "../src/index.js";

const plugin = { kind: "learner", name: "a", contract: 2, description: "A.", options: {}, create() {} };
const migrating =
  "and the contracts here are version 2; docs/migrating.md in everlearn's repository says what to change";

describe("an object that should be a plugin", () => {
  it("has no problems where it is one", () => {
    expect(pluginProblems(plugin)).toEqual([]);
    expect(pluginProblems({ ...plugin, needs: [] })).toEqual([]);
    expect(pluginProblems({ ...plugin, needs: () => [] })).toEqual([]);
  });

  it.each<[contract: unknown, says: string]>([
    [undefined, `it is written for version 1 of the contracts (it has no contract: 2), ${migrating}`],
    [1, `it is written for version 1 of the contracts (it has no contract: 2), ${migrating}`],
    [3, "it is written for version 3 of the contracts, but the contracts here are version 2; update everlearn"],
    ["2", `its contract must be the number 2, but is "2", ${migrating}`],
    [null, `its contract must be the number 2, but is null, ${migrating}`],
    [0, `its contract must be the number 2, but is 0, ${migrating}`],
    [Number.NaN, `its contract must be the number 2, but is NaN, ${migrating}`],
  ])("written for contract %j is refused with what to do", (contract, says) => {
    expect(pluginProblems({ ...plugin, contract })).toEqual([says]);
  });

  it("that says nothing of contracts is one of version 1", () => {
    const { contract: _, ...silent } = plugin;
    expect(pluginProblems(silent)).toEqual(pluginProblems({ ...plugin, contract: 1 }));
  });

  it("is told all that is wrong with it at once", () => {
    expect(pluginProblems({ kind: "optimiser", options: [], needs: "of" })).toEqual([
      'its kind must be one of dataset, stream, scenario, network, optimizer, augmentation, buffer, learner, metric, tracker, but is "optimiser"',
      "its name must be 1 to 64 letters a-z, digits and hyphens, but is undefined",
      `it is written for version 1 of the contracts (it has no contract: 2), ${migrating}`,
      "its options must be an object with a schema for each option ({} for none), but is []",
      'its needs must be a list or a function, but is "of"',
      "its create must be a function, but is undefined",
    ]);
  });
});
