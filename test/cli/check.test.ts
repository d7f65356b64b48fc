import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Honesty } from "@everlearn/bench";
import { describe, expect, it } from "vitest";
import { everlearn, folder, small } from "./everlearn.js";

/** A learner that answers with the first question's answer where many are asked at once. */
const herd = `export default {
  contract: 2, kind: "learner", name: "herd", description: "Answers as the first does.", options: {},
  needs: ["network"],
  create: (_, { network }) => ({
    observe(batch) { network.descend(batch, 0.1); },
    predict(queries) {
      const answers = network.predict(queries);
      return queries.length > 200 ? answers.fill(answers[0]) : answers;
    },
    save: () => null, load() {},
  }),
};`;

describe("everlearn check", () => {
  it("says of each run whether it was caught, and how", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "herd.mjs"), herd);
    const { name: _, ...shared } = small;
    const runs = [{ name: "er" }, { name: "herd", learner: { use: "./herd.mjs" }, buffer: null }];
    writeFileSync(join(cwd, "suite.json"), JSON.stringify({ ...shared, runs }));
    const { status, stdout, stderr } = await everlearn(["check", "suite.json", "--out", "out"], { cwd });
    expect(stdout.split("\n")[0]).toMatch(
      /^✓ er: it answers the labels that it was taught \(\d+\.\d% as taught, \d+\.\d% as they truly are\); the same digest when another process continues it; the same answers in batches of 1, 7, 256; the same stream forwards and backwards; task labels as granted \(never\)$/,
    );
    expect(stdout.split("\n")[1]).toMatch(/^✗ herd: .*; its answers depend on how they are batched; /);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "everlearn: 1 of 2 did not pass: herd.\n" });
    const checks = (run: string) => JSON.parse(readFileSync(join(cwd, "out", run, "checks.json"), "utf8")) as Honesty;
    expect([checks("er").batches.passed, checks("herd").batches.passed]).toEqual([true, false]);
    const again = await everlearn(["check", "suite.json", "--out", "out", "--only", "er"], { cwd });
    expect(again).toMatchObject({ status: 0, stderr: "", stdout: expect.stringMatching(/^✓ er: it answers/) });
  });
});
