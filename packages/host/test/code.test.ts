import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Composition, createCell, use, type Use } from "@everlearn/composition";
import { type Kind, type Need, type OptionsSchema, type Plugin, SpecError } from "@everlearn/contracts";
import { runsOf } from "@everlearn/records";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tree } from "../../records/test/folder.js";
import { plan, planComposition, resolvePlugin } from "../src/index.js";
import { fake, fakes } from "./fakes.js";

type Any<K extends Kind> = Plugin<K, OptionsSchema, Need>;

/** A folder with all fakes, and `use` of them by name: the very objects that a spec's names lead to. */
function workshop(more: Record<string, string> = {}) {
  const root = tree({ ...fakes(), ...more });
  async function take<K extends Kind>(kind: K, name: string, options: object = {}): Promise<Use<K>> {
    const { plugin } = await resolvePlugin(kind, name, [root]);
    return use(plugin as Any<K>, options as never);
  }
  return { root, take };
}

async function refusal(composition: object, root: string, file?: string): Promise<string> {
  const error: unknown = await planComposition(composition as Composition, { from: [root], file }).catch(
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}

describe("a composition in code", () => {
  it("is planned as the spec that says the same: one specId, cellId and record", async () => {
    const { root, take } = workshop();
    const fields = {
      name: "whole",
      description: "All there is.",
      batchSize: 3,
      evaluation: { every: 5 },
      protocol: { budget: { bytes: 1000 } },
      label: "All",
    };
    const stream = await take("stream", "blurry", { fraction: 0.5, of: await take("stream", "plain", { tasks: 3 }) });
    const composed = await planComposition(
      {
        ...fields,
        dataset: await take("dataset", "glyphs", { size: 4 }),
        stream,
        scenario: await take("scenario", "class-il", { taskLabels: "training" }),
        network: await take("network", "mlp", { hidden: [7] }),
        optimizer: await take("optimizer", "adam"),
        learner: await take("learner", "mer", { alpha: 0.1 }),
        buffer: await take("buffer", "reservoir", { capacity: 5 }),
        metrics: [await take("metric", "mean", { scale: 2 })],
        trackers: [await take("tracker", "memory", { mood: "wild" })],
      },
      { from: [root], seed: 4 },
    );
    const spec = {
      ...fields,
      dataset: { use: "glyphs", size: 4 },
      stream: { use: "blurry", fraction: 0.5, of: { use: "plain", tasks: 3 } },
      scenario: { use: "class-il", taskLabels: "training" },
      network: { use: "mlp", hidden: [7] },
      optimizer: { use: "adam" },
      learner: { use: "mer", alpha: 0.1 },
      buffer: { use: "reservoir", capacity: 5 },
      metrics: [{ use: "mean", scale: 2 }],
      trackers: [{ use: "memory", mood: "wild" }],
      seeds: [4],
    };
    const read = await plan(runsOf(spec, "whole.json")[0], { from: [root] });
    expect(composed.specId).toBe(read.specId);
    expect(composed.spec).toEqual(read.spec);
    expect(composed.plugins).toEqual(read.plugins);
    const [one, other] = [await createCell(composed, 4), await createCell(read, 4)];
    expect(one.cellId).toBe(other.cellId);
    expect(one.learner).toMatchObject({ draw: (other.learner as unknown as { draw: number }).draw });
    await one.dispose();
    await other.dispose();
  });

  it("has the specId of its spec whatever is chosen and left out", { timeout: 60_000 }, async () => {
    const { root, take } = workshop();
    const fraction = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0); // no −0
    const stream = fc.letrec((tie) => ({
      stream: fc.oneof(
        { maxDepth: 2 },
        fc.record({ use: fc.constant("plain"), tasks: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: ["use"] }),
        fc.record(
          { use: fc.constantFrom("iid", "blurry"), fraction, of: tie("stream") },
          { requiredKeys: ["use", "of"] },
        ),
      ),
    })).stream as fc.Arbitrary<{ use: string; of?: object }>;
    const spec = fc.record(
      {
        stream,
        scenario: fc.record({ use: fc.constantFrom("class-il", "task-il") }),
        optimizer: fc.record({ use: fc.constant("adam"), epsilon: fc.constantFrom(1e-8, 0.5) }),
        learner: fc.constantFrom({ use: "mer", alpha: 0.5 }, { use: "mer", alpha: 1, k: 3 }),
        buffer: fc.constantFrom({ use: "reservoir", capacity: 4 }, { use: "reservoir", capacity: 9 }),
        batchSize: fc.integer({ min: 1, max: 99 }),
      },
      { requiredKeys: ["stream", "learner", "buffer"] },
    );
    const taken = async (kind: Kind, { use, of, ...options }: { use: string; of?: object }): Promise<Use> =>
      take(kind, use, { ...options, ...(of && { of: await taken("stream", of as { use: string }) }) });
    await fc.assert(
      fc.asyncProperty(spec, async ({ batchSize, ...parts }) => {
        const uses: Record<string, unknown> = { batchSize };
        for (const [kind, choice] of Object.entries(parts))
          if (choice !== undefined) uses[kind] = await taken(kind as Kind, choice);
        const composed = await planComposition(uses as unknown as Composition, { from: [root] });
        const document = JSON.parse(JSON.stringify({ name: "run", batchSize, ...parts })) as object;
        expect(composed.specId).toBe((await plan(runsOf(document, "")[0], { from: [root] })).specId);
      }),
      { numRuns: 30 },
    );
  });

  it("names the package where a short name leads to another one", async () => {
    const own = { kind: "learner", name: "online", package: "other-online" } as const;
    const body = "options: {}, create: () => ({ ...others, save: () => null, load() {} })";
    const { root, take } = workshop();
    const inner = tree(fake({ ...own, body }));
    const stream = await take("stream", "plain");
    const outer = await take("learner", "online");
    const planned = await planComposition({ stream, learner: outer }, { from: [inner, root] });
    expect(planned.spec.learner).toEqual({ use: "@fake/learner-online" });
    const { plugin } = await resolvePlugin("learner", "other-online", [inner]);
    const nearer = await planComposition({ stream, learner: use(plugin, {}) }, { from: [inner, root] });
    expect(nearer.spec.learner).toEqual({ use: "online" });
    expect(nearer.plugins.learner.package).toBe("other-online");
  });

  it("knows a plugin of no package by the source of the file, and not without one", async () => {
    const { root, take } = workshop({ "train.mjs": 'import "./part.js";\n', "part.ts": "1;\n" });
    const stream = await take("stream", "plain");
    const { plugin } = await resolvePlugin("learner", "online", [root]);
    const learner = use({ ...plugin }, {}); // a copy may do anything: it is not the package's
    expect(await refusal({ stream, learner }, root)).toBe(
      'composition: /learner: the learner "online" is of no package that is installed here, so that nothing says which code it is; say from: import.meta.url, and it is known by the source of that file.',
    );
    const file = join(root, "train.mjs");
    const identities = [];
    for (const [name, source] of [
      ["train.mjs", 'import "./part.js"; 2;\n'],
      ["part.ts", "2;\n"],
    ]) {
      identities.push(await planComposition({ stream, learner }, { from: [], file }));
      writeFileSync(join(root, name), source);
    }
    identities.push(await planComposition({ stream, learner }, { from: [], file }));
    expect(identities[0].plugins.learner).toMatchObject({ name: "online", package: "./train.mjs" });
    expect(new Set(identities.map(({ specId }) => specId)).size).toBe(3);
    expect(new Set(identities.map(({ plugins }) => plugins.learner.version)).size).toBe(3);
    expect(new Set(identities.map(({ plugins }) => plugins.stream.version))).toEqual(new Set(["1.0.0"]));
  });

  it("says all that is wrong with its parts at once, each with its place", async () => {
    const { root, take } = workshop();
    const stream = await take("stream", "plain");
    const buffer = await take("buffer", "reservoir", { capacity: 5 });
    const composition = {
      stream: buffer,
      learner: use({ kind: "learner", contract: 2, options: {} } as unknown as Plugin<"learner">, {}),
      buffer: { use: "reservoir", capacity: 5 },
      metrics: [await take("metric", "mean"), null],
      seeds: [1],
    };
    expect((await refusal(composition, root, join(root, "train.mjs"))).split("\n")).toEqual([
      "train.mjs: /seeds is none of a composition's fields, which is one run; its seed is said beside it.",
      'train.mjs: /stream must be a stream, but "reservoir" is a buffer.',
      "train.mjs: /learner is no plugin: its name must be 1 to 64 letters a-z, digits and hyphens, but is undefined; its create must be a function, but is undefined.",
      "train.mjs: /buffer must be a choice such as use(plugin, { … }).",
      "train.mjs: /metrics/1 must be a choice such as use(plugin, { … }).",
    ]);
    const learner = await take("learner", "mer", { alpha: 2, kk: 1 });
    expect((await refusal({ stream, learner, buffer, batchSiez: 1 }, root)).split("\n")[0]).toMatch(
      /^composition: the spec has no field "batchSiez"; did you mean "batchSize"\?/,
    );
    expect((await refusal({ stream, learner, buffer }, root)).split("\n")).toEqual([
      'composition: /learner has no option "kk"; did you mean "k"? Its options: alpha, k.',
      "composition: /learner/alpha must be > 0 and ≤ 1, but is 2.",
    ]);
    const odd = await take("learner", "mer", { alpha: () => 1 });
    expect(await refusal({ stream, learner: odd, buffer }, root)).toMatch(
      /^composition: \/learner must hold plain values only; .* could not be cloned\.$/,
    );
  });

  it("is refused for what TypeScript cannot know: needs that depend on options, and streams without boundaries", async () => {
    const { root, take } = workshop();
    const stream = await take("stream", "plain");
    const buffer = await take("buffer", "reservoir", { capacity: 5, labels: true });
    const learner = await take("learner", "mer", { alpha: 0.1 });
    expect(await refusal({ stream, learner, buffer }, root)).toBe(
      'composition: buffer "reservoir" needs task labels during training, which scenario "domain-il" does not grant; use "task-il".',
    );
  });
});
