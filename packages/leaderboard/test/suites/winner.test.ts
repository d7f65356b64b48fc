import type { TunedPoint } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { edgeText, optionsText, winnerOf } from "../../src/index.js";

const points = (...all: readonly TunedPoint["options"][]): TunedPoint[] =>
  all.map((options, i) => ({ id: `${i}`, options, specId: "", retainedAccuracy: [0.5], mean: i / 10 }));

describe("what a search chose", () => {
  const grid = points(
    { "learner/alpha": 0.01, "buffer/use": "a" },
    { "learner/alpha": 0.1, "buffer/use": "a" },
    { "learner/alpha": 1, "buffer/use": "b" },
  );

  it("is its point, with a warning for a number at the edge of what was tried", () => {
    const chosen = (i: number) => winnerOf({ points: grid, chosen: i });
    expect(chosen(1)).toEqual({ options: grid[1].options, mean: 0.1, edges: [] });
    expect(chosen(0)?.edges).toEqual([{ path: "learner/alpha", value: 0.01, which: "smallest" }]);
    expect(chosen(2)?.edges.map(edgeText)).toEqual([
      "learner/alpha = 1 is the largest that was tried; better ones may lie beyond it.",
    ]);
    expect(optionsText(grid[2].options)).toBe('learner/alpha = 1, buffer/use = "b"');
  });

  it("warns of nothing where one value was tried, and says where nothing was chosen", () => {
    expect(winnerOf({ points: points({ k: 5 }), chosen: 0 })?.edges).toEqual([]);
    expect(winnerOf({ points: grid, chosen: 3 })).toBeNull();
    expect(winnerOf({ points: grid, chosen: -1 })).toBeNull();
  });
});
