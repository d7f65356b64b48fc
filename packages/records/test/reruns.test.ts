import { describe, expect, it } from "vitest";
import { createKeys, fingerprintOf, type Receipt, readReport, seal, vouchedHash, writtenReport } from "../src/index.js";
import { temporary } from "./folder.js";
import { ran } from "./ran.js";

const report = {
  time: "2026-01-01T00:00:00.000Z",
  everlearn: "0.1.0",
  machine: {},
  receipts: [
    {
      ...{ name: "small", seed: 0, cellId: "c".repeat(64), digest: null, vouched: "d".repeat(64) },
      ...{ outcome: "reproduced" as const, differences: [], identity: [] },
    },
  ],
};
const { privateKey, publicKey } = createKeys();
const signed = JSON.parse(writtenReport(report, privateKey)) as {
  report: typeof report;
  signature: { publicKey: string; value: string };
};

describe("a report of re-runs", () => {
  it("is read with its signer, or without where nobody signed it", () => {
    const { seal: _, ...read } = signed.report as typeof report & { seal: string };
    expect(read).toEqual(report);
    expect(readReport(JSON.stringify(signed), "r")).toMatchObject({ signer: fingerprintOf(publicKey), where: "r" });
    expect(readReport(writtenReport(report), "r")).toMatchObject({ signer: null });
    expect(JSON.stringify(signed)).not.toContain("PRIVATE");
  });

  const other = createKeys();
  const lie = { ...report, receipts: [{ ...report.receipts[0], name: "mine" }] };
  it.each<[string, unknown, RegExp]>([
    ["changed", { ...signed, report: { ...signed.report, everlearn: "9" } }, /was changed after it was written/],
    ["changed and sealed again", { ...signed, report: seal(lie) }, /has a signature that is not right/],
    [
      "signed with another key",
      { ...signed, signature: { ...signed.signature, publicKey: other.publicKey } },
      /signature that is not right/,
    ],
    ["signed with nothing", { ...signed, signature: {} }, /signature that is not right/],
    ["signed by null", { ...signed, signature: { publicKey: null, value: null } }, /signature that is not right/],
    ["of no receipts", { report: seal({ receipts: [{}] }) }, /is no report/],
    ["null", null, /is no report/],
  ])("is ignored where it is %s", (_, value, problem) => {
    expect(readReport(JSON.stringify(value), "r.json")).toEqual({ problem: expect.stringMatching(problem) as string });
  });

  it("refuses keys of other kinds, and text that is none", () => {
    for (const key of ["", "x", privateKey.slice(0, 60)]) expect(() => fingerprintOf(key)).toThrow(/./);
    expect(() => writtenReport(report, publicKey)).toThrow(/./);
  });
});

it("What a re-run vouches for covers all that is computed, and nothing that describes it", async () => {
  const receipt: Receipt = await ran(temporary());
  const hash = vouchedHash(receipt);
  const { spec, metrics } = receipt;
  const free = [
    { ...receipt, name: "x", seconds: 0, environment: {}, commit: "x", seal: "x", suite: "x", tuning: "x" },
    { ...receipt, spec: { ...spec, label: "x", settings: ["x"], description: "x", protocol: { title: "x" } } },
  ];
  for (const one of free) expect(vouchedHash(one)).toBe(hash);
  const bound = [
    { ...receipt, metrics: { ...metrics, retainedAccuracy: 1 } },
    { ...receipt, metrics: { retainedAccuracy: metrics.retainedAccuracy } },
    { ...receipt, spec: { ...spec, buffer: { use: "reservoir", capacity: 1 } } },
    { ...receipt, spec: { ...spec, stream: { use: "split" } } },
    { ...receipt, gradients: 1 },
    { ...receipt, checksum: "x" },
    { ...receipt, accuracy: [] },
    { ...receipt, plugins: {} },
    { ...receipt, predictions: { count: 0, sha256: "0".repeat(64) } },
  ];
  for (const [i, one] of bound.entries()) expect(vouchedHash(one), String(i)).not.toBe(hash);
});
