import { describe, expect, it } from "vitest";
import { syncRuns } from "../src/sync.js";
import { begin, folder, recorder } from "./runs.js";

/** A tracker that has so many things left after each pass, the last number again and again. */
function leaving(...pending: number[]) {
  return recorder(() => ({ pending: (pending.length > 1 ? pending.shift() : pending[0]) as number }));
}

describe.concurrent("syncRuns", () => {
  it("goes on for as long as that brings something over", async () => {
    const root = folder();
    begin(root, "a");
    const { tracker, shown, disposed } = leaving(5, 3, 0);
    expect(await syncRuns(root, [{ tracker }])).toEqual({ runs: 1, pending: 0, incomplete: 0 });
    expect(shown).toHaveLength(3);
    expect(disposed()).toBe(1);
  });

  it("gives up after three passes in a row that bring nothing over", async () => {
    const root = folder();
    begin(root, "a");
    const { tracker, shown, disposed } = leaving(5, 4);
    expect(await syncRuns(root, [{ tracker }])).toEqual({ runs: 1, pending: 4, incomplete: 1 });
    expect(shown).toHaveLength(2 + 3);
    expect(disposed()).toBe(1);
  });

  it("finds no runs where there is no folder", async () => {
    const { tracker } = recorder();
    expect(await syncRuns(`${folder()}/nowhere`, [{ tracker }])).toEqual({ runs: 0, pending: 0, incomplete: 0 });
  });
});
