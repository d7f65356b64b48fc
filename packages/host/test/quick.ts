import type { Plan, RunSpec } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import { runsOf } from "@everlearn/records";
import { beforeEach, expect } from "vitest";
import { tree } from "../../records/test/folder.js";
import { plan } from "../src/index.js";
import { type Fake, fake, fakes } from "./fakes.js";

export const mer = { use: "mer", alpha: 0.1 };
export const quick = {
  name: "quick",
  stream: { use: "plain" },
  learner: mer,
  buffer: { use: "reservoir", capacity: 5 },
};

/** What the fakes did since the test began. */
export const happened: string[] = [];
const scope = globalThis as { everlearnLog?: string[] };
beforeEach(() => {
  happened.length = 0;
  scope.everlearnLog = happened;
});

export const run = (changes: object = {}): RunSpec => runsOf({ ...quick, ...changes }, "quick.json")[0];
export const planned = (changes: object = {}, root = tree(fakes())): Promise<Plan> =>
  plan(run(changes), { from: [root] });

export async function refusal(changes: object, more: Fake[] = []): Promise<string> {
  const root = tree(Object.assign(fakes(), ...more.map(fake)) as Record<string, string>);
  const error: unknown = await planned(changes, root).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}
