import { describe, expect, it } from "vitest";
import { watch } from "../src/watch.js";

const globals = () => [Math.random, Date, Date.now, performance.now, crypto.getRandomValues, crypto.randomUUID];

describe("watch", () => {
  it("notes every use of the clock and of global randomness, which work as ever", async () => {
    let values: unknown[] = [];
    const used = await watch(async () => {
      await Promise.resolve();
      values = [Math.random(), Date.now(), new Date(), Date(), performance.now(), crypto.randomUUID()];
      crypto.getRandomValues(new Uint8Array(1));
    });
    expect(used).toEqual([
      "Math.random()",
      "Date.now()",
      "new Date()",
      "Date()",
      "performance.now()",
      "crypto.randomUUID()",
      "crypto.getRandomValues()",
    ]);
    expect(values[0]).toBeLessThan(1);
    expect(values[1]).toBeGreaterThan(1e12);
    expect(values[2]).toBeInstanceOf(Date);
    expect(typeof values[3]).toBe("string");
  });

  it("lets a date be made of a number", async () => {
    expect(await watch(() => new Date(0).toISOString())).toEqual([]);
  });

  it("puts everything back, also after an error", async () => {
    const before = globals();
    await watch(() => Math.random());
    await expect(
      watch(() => {
        throw new Error("broken");
      }),
    ).rejects.toThrow("broken");
    expect(globals()).toEqual(before);
    expect(Object.hasOwn(performance, "now")).toBe(false);
  });

  it("keeps simultaneous watches and the surroundings apart", async () => {
    const before = globals();
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const one = watch(async () => {
      await gate;
      Date.now();
    });
    const other = watch(async () => {
      await gate;
      Math.random();
    });
    performance.now();
    go();
    expect(await one).toEqual(["Date.now()"]);
    expect(await other).toEqual(["Math.random()"]);
    expect(globals()).toEqual(before);
  });
});
