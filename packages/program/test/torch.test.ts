import { checkLearner } from "@everlearn/conformance";
import type { Plugin } from "@everlearn/contracts";
import { expect, it } from "vitest";
import { hasTorch } from "./python.js";

it.skipIf(!hasTorch())(
  "The learner with PyTorch is judged by the conformance kit as any other",
  { timeout: 900_000 },
  async () => {
    const path = new URL("../../../benchmarks/examples/torch-er.mjs", import.meta.url).href;
    const { default: plugin } = (await import(path)) as { readonly default: Plugin<"learner"> };
    expect(plugin.name).toBe("torch-er");
    await checkLearner(plugin, { options: { alpha: 0.1, capacity: 50, hidden: 16 } });
  },
);
