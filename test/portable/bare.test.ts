import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { bundle } from "./bundle.js";
import { expected, portable, specs } from "./golden.js";

/** Runs specs where there is nothing but the language, and what every browser and Node.js have beside it. */
async function digestsIn(script: string, wanted: unknown): Promise<unknown> {
  const context = createContext({ atob, structuredClone, TextEncoder });
  runInContext(script, context);
  return runInContext(`everlearn.digests(${JSON.stringify(wanted)})`, context);
}

describe("the loop, the composition and all plugins that need no files", () => {
  it("run without Node.js, and give the golden digests", async () => {
    const { script } = await bundle(portable);
    expect({ ...((await digestsIn(script, specs)) as object) }).toEqual(expected);
  });

  it("are small: three learners with all that they need", async () => {
    const few = ["online", "er", "mer"].map((name) => `@everlearn/learner-${name}`);
    const { script, size, gzip } = await bundle([
      ...few,
      "@everlearn/buffer-reservoir",
      "@everlearn/dataset-glyphs",
      "@everlearn/network-mlp",
      "@everlearn/scenario-domain-il",
      "@everlearn/stream-rotated",
    ]);
    const names = ["online", "er", "mer"].map((name) => `rotated.domain-il.${name}`);
    const found = await digestsIn(
      script,
      specs.filter(({ name }) => names.includes(name)),
    );
    expect(found).toEqual(Object.fromEntries(names.map((name) => [name, expected[name]])));
    console.log(
      `A page's bundle of three learners: ${Math.round(size / 1000)} kB, ${Math.round(gzip / 1000)} kB compressed.`,
    );
    expect(gzip).toBeLessThan(100_000);
  });
});
