import { expect, it, vi } from "vitest";
import { draw } from "../src/drawing.js";
import { glyphs } from "../src/index.js";

vi.mock(import("../src/drawing.js"), async (original) => {
  const module = await original();
  return { ...module, draw: vi.fn<typeof module.draw>(module.draw) };
});

it("draws an example only when it is asked for", () => {
  const { train } = glyphs({ train: 1_000_000 });
  expect(draw).toHaveBeenCalledTimes(0);
  train.input(999_999);
  expect(draw).toHaveBeenCalledTimes(1);
});
