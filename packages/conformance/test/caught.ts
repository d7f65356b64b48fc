import type { Kind } from "@everlearn/contracts";
import { checks, ConformanceError, type Failure } from "@everlearn/conformance";
import { expect, it } from "vitest";

/** The failures with which a conformance call ends. */
export async function failures(call: Promise<void>): Promise<readonly Failure[]> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return [];
  if (!(error instanceof ConformanceError)) throw error;
  expect(error.message.split("\n")).toEqual(error.failures.map(({ sentence }) => sentence));
  return error.failures;
}

/** A broken plugin's conformance call, and part of the sentence that must come of it. */
export type Row = readonly [call: () => Promise<void>, says: string];

/** The names of the checks that are the same for plugins of all kinds. */
export const common = checks.metric
  .slice(
    0,
    checks.metric.findIndex(({ name }) => name === "creation"),
  )
  .map(({ name }) => name);

/** A test for every row, and one that no check of the kind lacks a row. */
export function catches(kind: Kind, rows: Readonly<Record<string, Row>>): void {
  it.each(Object.entries(rows))("catches: %s", async (check, [call, says]) => {
    const found = await failures(call());
    expect(found.filter((failure) => failure.check === check).map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining(says),
    ]);
    expect(found[0].sentence).toMatch(/^\w+ ".+" must .+, but .+\.$/);
  });

  it("has a broken plugin for every check", () => {
    const own = checks[kind].map(({ name }) => name).filter((name) => !common.includes(name));
    expect(Object.keys(rows).sort()).toEqual(own.sort());
  });
}
