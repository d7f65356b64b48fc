import { readFileSync } from "node:fs";
import { checkLearner, checkNetwork, checkOptimizer } from "@everlearn/conformance";
import { expect, it } from "vitest";
import learner from "./fixtures/learner.js";
import network from "./fixtures/network.js";
import optimizer from "./fixtures/optimizer.js";

it("a network of nothing but its core passes", () => checkNetwork(network));
it("an optimizer passes, at its defaults and without a memory", async () => {
  await checkOptimizer(optimizer);
  await checkOptimizer(optimizer, { options: { decay: 0 }, rate: 0.1 });
});
it("a learner without a network passes", () => checkLearner(learner));

it.each([
  ["network", 60],
  ["optimizer", 25],
  ["learner", 40],
])("the %s has no more than %i lines that are not empty", (name, most) => {
  const code = readFileSync(new URL(`fixtures/${name}.ts`, import.meta.url), "utf8");
  expect(code.split("\n").filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(most);
});
