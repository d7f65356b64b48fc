import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, batchLimits, createClient, MlflowError, splitBatch } from "../src/index.js";
import { loopback, refuse, reply } from "./loopback.js";

/** Texts of one to four bytes a character, escapes, and halves of surrogate pairs, some of them long. */
const text = (longest: number) =>
  fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", '"', "\\", "\n", "\u0000", "\ud800"), maxLength: 30 }),
    fc
      .tuple(fc.constantFrom("a", "é", "€", "😀", '"', "\u0001", "\udc00"), fc.nat(longest))
      .map(([unit, length]) => unit.repeat(length)),
  );
const metric = fc.record({
  key: text(250),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
  timestamp: fc.nat(2 ** 31),
  step: fc.integer(),
});
const tag = fc.record({ key: text(250), value: text(20_000) });
/** Long lists of a few different entries, so that every limit is met. */
const many = <T>(entry: fc.Arbitrary<T>, most: number): fc.Arbitrary<T[]> =>
  fc
    .tuple(fc.array(entry, { minLength: 1, maxLength: 5 }), fc.nat(most))
    .map(([some, length]) => Array.from({ length }, (_, i) => some[i % some.length]));
const batches = fc.record({ metrics: many(metric, 3000), params: many(tag, 250), tags: many(tag, 250) });

const bytes = (part: Batch): number => {
  const { runId: run_id, metrics, params, tags } = part;
  return Buffer.byteLength(JSON.stringify({ run_id, metrics, params, tags }), "utf8");
};

describe("splitBatch", () => {
  it("keeps everything, in order, within every limit", () => {
    const most = { metrics: 0, params: 0, tags: 0, entities: 0, bytes: 0 };
    fc.assert(
      fc.property(batches, (batch) => {
        const parts = splitBatch({ runId: "r1", ...batch });
        for (const kind of ["metrics", "params", "tags"] as const) {
          const together = parts.flatMap((part): readonly { key: string }[] => part[kind]);
          expect(together.length).toBe(batch[kind].length);
          expect(together.every((entry, i) => entry === batch[kind][i])).toBe(true);
          most[kind] = Math.max(most[kind], ...parts.map((part) => part[kind].length));
        }
        most.bytes = Math.max(most.bytes, ...parts.map(bytes));
        const entities = parts.map(({ metrics, params, tags }) => metrics.length + params.length + tags.length);
        most.entities = Math.max(most.entities, ...entities);
        expect(entities.every((count) => count > 0)).toBe(true);
        expect(parts.every(({ runId }) => runId === "r1")).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(most.metrics).toBeLessThanOrEqual(1000);
    expect(most.params).toBeLessThanOrEqual(100);
    expect(most.tags).toBeLessThanOrEqual(100);
    expect(most.entities).toBeLessThanOrEqual(1000);
    expect(most.bytes).toBeLessThanOrEqual(1_000_000);
  });

  it("fills each part before the next", () => {
    const metrics = Array.from({ length: 2500 }, (_, step) => ({ key: "m", value: step, timestamp: 1, step }));
    const pairs = Array.from({ length: 250 }, (_, i) => ({ key: `k${i}`, value: "v" }));
    const parts = splitBatch({ runId: "r", metrics, params: pairs, tags: pairs });
    const shape = parts.map(({ metrics, params, tags }) => [metrics.length, params.length, tags.length]);
    expect(shape).toEqual([
      [800, 100, 100],
      [800, 100, 100],
      [900, 50, 50],
    ]);
  });

  it("makes no part of nothing", () => {
    expect(splitBatch({ runId: "r" })).toEqual([]);
    expect(splitBatch({ runId: "r", metrics: [], tags: [] })).toEqual([]);
  });

  it("counts bytes, not characters", () => {
    const tags = [0, 1].map((i) => ({ key: `k${i}`, value: "€".repeat(170_000) })); // 510 kB each
    expect(splitBatch({ runId: "r", tags })).toHaveLength(2);
    expect(
      splitBatch({ runId: "r", tags: tags.map(({ key, value }) => ({ key, value: value.slice(5000) })) }),
    ).toHaveLength(1);
  });

  it("refuses an entry that fits no request, and says which", () => {
    const tags = [
      { key: "fine", value: "x" },
      { key: "huge", value: "😀".repeat(250_000) },
    ];
    const metrics = [{ key: "m", value: 1, timestamp: 1 }];
    expect(() => splitBatch({ runId: "r", metrics, tags })).toThrow(/Of the tags, "huge" alone takes 1000\d\d\d bytes/);
  });
});

describe("logBatch", () => {
  const quick = { environment: {}, backoff: 0, retries: 3 };

  it("sends the parts one after the other, each as often as it takes", async () => {
    const taken: { metrics: { step: number; timestamp: number }[] }[] = [];
    let open = 0;
    const { url, arrived } = await loopback(({ body }, response, number) => {
      expect(++open).toBe(1);
      setTimeout(() => {
        open--;
        if (number % 3 === 1) return reply(response, 503);
        taken.push(JSON.parse(body) as (typeof taken)[number]);
        reply(response, 200);
      }, 5);
    });
    const metrics = Array.from({ length: 4321 }, (_, step) => ({ key: "loss", value: 1 / (step + 1), step }));
    await createClient({ ...quick, trackingUri: url }).runs.logBatch({ runId: "r", metrics });
    const points = taken.flatMap((part) => part.metrics);
    expect(points.map(({ step }) => step)).toEqual(metrics.map(({ step }) => step));
    expect(new Set(points.map(({ timestamp }) => timestamp)).size).toBe(1); // the moment of the call, in every attempt
    for (const { body } of arrived) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(batchLimits.bytes);
  });

  it("stops at the first part that fails", async () => {
    const { url, arrived } = await loopback((_, response, number) =>
      number < 2 ? reply(response, 200) : refuse(response, 404, "RESOURCE_DOES_NOT_EXIST"),
    );
    const metrics = Array.from({ length: 5000 }, (_, step) => ({ key: "m", value: 0, step }));
    const { runs } = createClient({ ...quick, trackingUri: url });
    await expect(runs.logBatch({ runId: "r", metrics })).rejects.toMatchObject({ code: "RESOURCE_DOES_NOT_EXIST" });
    expect(arrived).toHaveLength(3);
  });

  it.each([
    [{ value: Number.NaN }, "log it as a tag"],
    [{ value: Number.POSITIVE_INFINITY }, "log it as a tag"],
    [{ value: Number.NEGATIVE_INFINITY }, "log it as a tag"],
    [{ value: 1, step: 0.5 }, "steps are whole"],
    [{ value: 1, step: 2 ** 60 }, "steps are whole"],
    [{ value: 1, timestamp: 1.5 }, "whole milliseconds"],
    [{ value: 1, timestamp: -1 }, "whole milliseconds"],
    [{ value: 1, timestamp: Number.NaN }, "whole milliseconds"],
  ])("sends nothing where one of many metrics is %j", async (wrong, says) => {
    const { url, arrived } = await loopback((_, response) => reply(response, 200));
    const { runs } = createClient({ ...quick, trackingUri: url });
    const right = Array.from({ length: 3000 }, (_, step) => ({ key: "fine", value: 0, step }));
    const batch = runs.logBatch({ runId: "r", metrics: [...right, { key: "bad", ...wrong }] });
    await expect(batch).rejects.toThrow(says);
    await expect(runs.logMetric({ runId: "r", key: "bad", ...wrong })).rejects.toBeInstanceOf(MlflowError);
    expect(arrived).toHaveLength(0);
  });

  it("sends what MLflow reads", async () => {
    const { url, arrived } = await loopback((_, response) => reply(response, 200));
    await createClient({ ...quick, trackingUri: url }).runs.logBatch({
      runId: "r",
      metrics: [{ key: "m", value: -0.5, timestamp: 12, step: 3, modelId: "x", datasetName: "d", datasetDigest: "e" }],
      params: [{ key: "camelCase", value: "snake_case" }],
    });
    expect(JSON.parse(arrived[0].body)).toEqual({
      run_id: "r",
      metrics: [
        { key: "m", value: -0.5, timestamp: 12, step: 3, model_id: "x", dataset_name: "d", dataset_digest: "e" },
      ],
      params: [{ key: "camelCase", value: "snake_case" }],
      tags: [],
    });
  });
});
