import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { site } from "@everlearn/leaderboard";
import type { Receipt } from "@everlearn/records";
import { expect, it } from "vitest";
import { root } from "../workspace.js";

const results = join(root, "benchmarks/results");

/** Every committed receipt. */
function* receipts(): Generator<Receipt> {
  for (const suite of readdirSync(results))
    for (const file of readdirSync(join(results, suite)).filter((name) => name.endsWith(".jsonl")))
      for (const line of readFileSync(join(results, suite, file), "utf8").split("\n"))
        if (line !== "") yield JSON.parse(line) as Receipt;
}

it("the first page of this repository's own results, which loads nothing else, is below 150 kB", () => {
  const [index, ...others] = site(receipts(), { title: "everlearn" });
  expect(index.path).toBe("index.html");
  expect(others.filter(({ path }) => path.startsWith("runs/")).length).toBeGreaterThan(50);
  expect(index.content.match(/<table class="standing"/g)?.length).toBeGreaterThan(5);
  expect(Buffer.byteLength(index.content)).toBeLessThan(150_000);
});
