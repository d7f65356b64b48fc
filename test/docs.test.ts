import { describe, expect, it } from "vitest";
import { follow } from "./follow.js";

describe.skipIf(process.platform === "win32")("what the pages say", () => {
  it("on writing a plugin is so", { timeout: 180_000 }, async () => {
    expect(await follow("docs/writing-a-plugin.md")).toEqual([
      "npm install everlearn",
      "npm install",
      "npm install --save-dev @everlearn/learner-er @everlearn/random",
      "npm publish",
      "npm install everlearn-learner-temporal-ensemble",
    ]);
  });

  it("on composing in code is so", { timeout: 120_000 }, async () => {
    expect(await follow("docs/composing-in-code.md")).toEqual(["npm install everlearn"]);
  });

  it("on migrating a plugin is so", async () => {
    expect(await follow("docs/migrating.md")).toEqual([]);
  });

  it("on a buffer in an application is so", async () => {
    expect(await follow("docs/a-buffer-in-an-application.md")).toEqual([
      "npm install @everlearn/buffer-reservoir @everlearn/random",
    ]);
  });
});
