import { createHash } from "node:crypto";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { createCourse } from "@everlearn/composition";
import { digest } from "@everlearn/digest";
import {
  parseReceipt,
  type Predictions,
  type Receipt,
  type ReceiptPlugin,
  sealOf,
  unpackPredictions,
} from "@everlearn/records";
import { runCourse } from "@everlearn/runner";
import { describe, expect, it } from "vitest";
import { compareResults } from "../src/comparison.js";
import { planReceipt, type Verification } from "../src/plan-receipt.js";
import { verify } from "../src/verify.js";
import { freshLearner, from, ran, temporary } from "./fixture.js";

type Mutable = { -readonly [K in keyof Receipt]: Receipt[K] };

/** Verifies a receipt in this process, which takes a tenth of the time of others. */
async function again(receipt: Receipt): Promise<Omit<Verification, "receipt" | "where">> {
  const found = { receipt, where: "receipt.json" };
  const { planned, ...rest } = await planReceipt(found, { from, allow: [], beside: [] });
  if (!planned) return { ...rest, compared: [], leftOut: [] };
  const course = await createCourse(planned, receipt.seed);
  const start = () => freshLearner(planned, receipt.seed);
  const result = await runCourse(course, start, { directory: temporary() });
  await course.dispose();
  return { ...rest, result, ...compareResults(receipt, result) };
}

function changePlugin(copy: Mutable, place: string, change: object): void {
  copy.plugins = { ...copy.plugins, [place]: { ...copy.plugins?.[place], ...change } as ReceiptPlugin };
}

/** What a forger would write: a change, with identity and seal made to fit. */
function forged(receipt: Receipt, change: (copy: Mutable) => void): Receipt {
  const copy = structuredClone(receipt) as Mutable;
  change(copy);
  copy.cellId = digest({ specId: copy.specId, seed: copy.seed });
  const seal = sealOf({ ...copy });
  return { ...copy, seal };
}

describe("verify", () => {
  it("runs each receipt in processes of its own, in another order, and tells true ones from forged ones", async () => {
    const out = temporary();
    const receipts = [await ran(out, {}, 0), await ran(out, {}, 1), await ran(out, {}, 2)];
    receipts[1] = forged(receipts[1], (copy) => (copy.gradients = 17));
    const all = receipts.map((receipt) => ({ receipt, where: join(out, "receipts.json") }));
    const found: Verification[] = [];
    for await (const one of verify(all, { from, seed: 0 })) found.push(one);
    const order = found.map(({ receipt }) => receipt.seed);
    expect(new Set(order)).toEqual(new Set([0, 1, 2]));
    expect(order).not.toEqual([0, 1, 2]);
    for (const { receipt, differences } of found)
      expect(differences).toEqual(receipt.seed === 1 ? [expect.stringContaining("gradients")] : []);
  });

  it("accepts a true receipt, whole or packed, and changes nothing", async () => {
    const receipt: Receipt = await ran(temporary());
    const before = structuredClone(receipt);
    const whole = await again(receipt);
    expect(whole).toMatchObject({ differences: [], leftOut: [] });
    expect(whole.compared).toEqual(
      expect.arrayContaining(["accuracy", "metrics", "predictions", "gradients", "digest"]),
    );
    const { plugins: _, checksum: __, accuracy: ___, initial: ____, predictions, ...rest } = receipt;
    const compact = { ...rest, predictions: { count: predictions?.count ?? 0, sha256: predictions?.sha256 ?? "" } };
    const less = await again(compact as unknown as Receipt);
    expect(less.differences).toEqual([]);
    expect(less.leftOut.toSorted()).toEqual(["accuracy", "checksum", "initial", "plugins"]);
    expect(less.compared.toSorted()).toEqual(
      whole.compared.filter((field) => !less.leftOut.includes(field)).toSorted(),
    );
    expect(receipt).toEqual(before);
  });

  it("accepts answers that another machine deflated otherwise", async () => {
    const receipt: Receipt = await ran(temporary());
    const bytes = unpackPredictions(receipt.predictions as Predictions) as Buffer;
    const stored = deflateRawSync(bytes, { level: 0 }).toString("base64");
    expect(stored).not.toBe(receipt.predictions?.deflated);
    const other = forged(
      receipt,
      (copy) => void (copy.predictions = { ...(copy.predictions as Predictions), deflated: stored }),
    );
    expect((await again(other)).differences).toEqual([]);
  });

  it("rejects one without a digest, which nothing vouches for", async () => {
    const { digest: _, ...rest } = await ran(temporary());
    const { differences, leftOut } = await again(rest);
    expect(differences).toEqual([
      expect.stringMatching(/^digest is left out, run again it is "[0-9a-f]{64}": nothing/),
    ]);
    expect(leftOut).toEqual(["digest"]);
  });

  it("accepts one that diverged, and rejects it where it says otherwise", async () => {
    const diverging = { learner: { use: "online", alpha: 1e30 }, buffer: null };
    const receipt: Receipt = await ran(temporary(), diverging);
    expect(receipt.status).toBe("diverged");
    expect((await again(receipt)).differences).toEqual([]);
    const other = forged(receipt, (copy) => void (copy.status = "over-budget"));
    expect((await again(other)).differences).toEqual(['status was "over-budget", run again it is "diverged".']);
  });

  it.each<[string, (copy: Mutable) => void, RegExp]>([
    [
      "one accuracy",
      (copy) => void (copy.accuracy = copy.accuracy.map((row, i) => (i === 1 ? [...row.slice(0, 2), 0.123] : row))),
      /^accuracy\/1\/2 was 0\.123, run again it is 0\.\d+\.$/,
    ],
    ["the seed", (copy) => void (copy.seed = 1), /^(accuracy|initial)\/\d\/?\d? was /],
    ["a metric", (copy) => void (copy.metrics = { ...copy.metrics, retainedAccuracy: 0.9 }), /^metrics\/retained/],
    [
      "an option",
      (copy) => void (copy.spec = { ...copy.spec, learner: { ...copy.spec.learner, alpha: 0.06 } as { use: string } }),
      /^specId does not follow from the spec: an option was changed/,
    ],
    [
      "one answer",
      (copy) => {
        const bytes = unpackPredictions(copy.predictions as Predictions) as Buffer;
        bytes[2 * 9] ^= 1;
        copy.predictions = {
          count: bytes.length / 2,
          sha256: createHash("sha256").update(bytes).digest("hex"),
          deflated: deflateRawSync(bytes).toString("base64"),
        };
      },
      /^predictions\/9 was \d, run again it is \d\.$/,
    ],
    [
      "the answers' hash",
      (copy) => void (copy.predictions = { count: copy.predictions?.count ?? 0, sha256: "0".repeat(64) }),
      /^predictions\/sha256 was "000/,
    ],
    ["the digest", (copy) => void (copy.digest = "0".repeat(64)), /^digest was /],
    ["the count of gradients", (copy) => void (copy.gradients = 1), /^gradients was 1, run again it is \d+/],
    [
      "a plugin's package",
      (copy) => {
        changePlugin(copy, "learner", { package: "learner-er-of-others" });
        copy.specId = "0".repeat(64); // with that package
      },
      /^plugins\/learner\/package was learner-er-of-others, here it is @everlearn\/learner-er: install that one\.$/,
    ],
    [
      "a plugin's name",
      (copy) => changePlugin(copy, "buffer", { name: "ring" }),
      /^plugins\/buffer\/name was ring, here it is reservoir: install that one\.$/,
    ],
    [
      "a plugin's version under the same specId",
      (copy) => changePlugin(copy, "learner", { version: "9.9.9" }),
      /^plugins\/learner\/version was 9\.9\.9, here it is \d+\.\d+\.\d+, of which specId is the hash\.$/,
    ],
    [
      "the list of plugins",
      (copy) => void (copy.plugins = { ...copy.plugins, optimizer: { name: "adam", package: "p", version: "1.0.0" } }),
      /^plugins\/optimizer\/name was adam, here it is absent: install that one\.$/,
    ],
    ["the name", (copy) => void (copy.name = "winner"), /^name was "winner", run again it is "small"\.$/],
    [
      "the data",
      (copy) => {
        copy.checksum = "0".repeat(64);
        copy.specId = "0".repeat(64);
      },
      /^checksum was 0+, here the data set has /,
    ],
    [
      "a learner that is not there",
      (copy) => void (copy.spec = { ...copy.spec, learner: { use: "nobody" } }),
      /nobody/,
    ],
    ["a spec that is none", (copy) => void (copy.spec = { ...copy.spec, batchSize: 0 }), /\/batchSize must be/],
  ])("rejects %s that was changed, and names the field", async (_, change, difference) => {
    const receipt = forged(await ran(temporary()), change);
    expect(parseReceipt({ text: JSON.stringify(receipt), where: "receipt.json" })).toHaveProperty("receipt"); // the forger was careful
    const { differences } = await again(receipt);
    expect(differences[0]).toMatch(difference);
  });
});

describe("verify, with other versions of plugins than the receipt's,", () => {
  /** What a run left that had other versions: its identity follows from them. */
  const withVersions = (
    receipt: Receipt,
    versions: Readonly<Record<string, string>>,
    change: (copy: Mutable) => void = () => {},
  ) =>
    forged(receipt, (copy) => {
      for (const [place, version] of Object.entries(versions)) changePlugin(copy, place, { version });
      copy.specId = digest({ versions });
      change(copy);
    });

  it("tells them, and compares the bits all the same", async () => {
    const receipt: Receipt = await ran(temporary());
    expect((await again(receipt)).identity).toEqual([]);
    const { identity, differences, compared, leftOut, result } = await again(
      withVersions(receipt, { learner: "0.0.9", network: "9.9.9" }),
    );
    const here = (place: string) => receipt.plugins?.[place].version;
    expect(identity).toEqual([
      `plugins/network/version was 9.9.9, here it is ${here("network")}.`,
      `plugins/learner/version was 0.0.9, here it is ${here("learner")}.`,
    ]);
    expect([differences, leftOut]).toEqual([[], []]);
    expect(compared).toEqual(expect.arrayContaining(["accuracy", "predictions", "digest"]));
    expect(result?.digest).toBe(receipt.digest);
  });

  it.each<[string, (copy: Mutable) => void, RegExp]>([
    ["a digest that does not come again", (copy) => void (copy.digest = "0".repeat(64)), /^digest was /],
    [
      "an option that was changed",
      (copy) => void (copy.spec = { ...copy.spec, learner: { ...copy.spec.learner, alpha: 0.06 } as { use: string } }),
      /^accuracy\/\d\/\d was /,
    ],
  ])("rejects %s", async (_, change, difference) => {
    const { identity, differences } = await again(withVersions(await ran(temporary()), { learner: "0.0.9" }, change));
    expect(identity).toHaveLength(1);
    expect(differences[0]).toMatch(difference);
  });

  it("rejects another package, without running it", async () => {
    const other = (copy: Mutable) => changePlugin(copy, "buffer", { package: "buffer-of-others" });
    const { identity, differences, result } = await again(
      withVersions(await ran(temporary()), { learner: "0.0.9" }, other),
    );
    expect(differences).toEqual([
      "plugins/buffer/package was buffer-of-others, here it is @everlearn/buffer-reservoir: install that one.",
    ]);
    expect([identity, result]).toEqual([[], undefined]);
  });
});

describe("verify, where a plugin has an option that it did not have then,", () => {
  const older = (copy: Mutable) => {
    const { boundaries: _, ...scenario } = copy.spec.scenario as { use: string; boundaries?: boolean };
    copy.spec = { ...copy.spec, scenario };
    copy.specId = digest({ boundaries: "not yet" });
  };

  it("tells it, and compares the bits", async () => {
    const { identity, differences, result } = await again(forged(await ran(temporary()), older));
    expect(identity).toEqual(["spec/scenario has no boundaries; here it is true, by default."]);
    expect(differences).toEqual([]);
    expect(result).toBeDefined();
  });

  it("rejects bits that do not come again", async () => {
    const receipt = forged(await ran(temporary()), (copy) => {
      older(copy);
      copy.digest = "0".repeat(64);
    });
    expect((await again(receipt)).differences[0]).toMatch(/^digest was /);
  });
});
