import { SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { tree } from "../../records/test/folder.js";
import { createTracker, trackersOf } from "../src/index.js";
import { fake, fakes } from "./fakes.js";
import { happened, planned } from "./quick.js";

describe("trackers", () => {
  it("are made by name, with their options", async () => {
    const tracker = await createTracker({ use: "memory", mood: "wild" }, [tree(fakes())]);
    expect(tracker).toMatchObject({ mood: "wild" });
    await tracker.dispose?.();
    expect(happened).toEqual(["make tracker", "dispose tracker"]);
  });

  it("are made of a plan, though its spec has lost their options", async () => {
    const plan = await planned({ trackers: [{ use: "memory", mood: "wild" }] });
    expect(plan.spec.trackers).toEqual([{ use: "memory" }]);
    expect(await trackersOf(plan)).toMatchObject([{ name: "memory", tracker: { mood: "wild" } }]);
  });

  it("may be made of others, each of which is let go of", async () => {
    const relay = fake({
      kind: "tracker",
      name: "relay",
      body: `options: {}, needs: ["of"],
        create: (_, { of }) => ({ sync: (...args) => of.sync(...args), dispose: () => globalThis.everlearnLog.push("dispose relay") })`,
    });
    const tracker = await createTracker({ use: "relay", of: { use: "memory", mood: "wild" } }, [
      tree({ ...fakes(), ...relay }),
    ]);
    await tracker.dispose?.();
    expect(happened).toEqual(["make tracker", "dispose relay", "dispose tracker"]);
  });

  it("are refused by name, by option, and where they are not whole", async () => {
    const root = tree({
      ...fakes(),
      ...fake({ kind: "tracker", name: "own", body: "options: {}, create: () => ({})" }),
    });
    const refusal = async (choice: { use: string }) => {
      const error: unknown = await createTracker(choice, [root]).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(SpecError);
      return (error as SpecError).message;
    };
    expect(await refusal({ use: "memorx" })).toContain('There is no tracker "memorx"; did you mean "memory"?');
    expect(await refusal({ use: "memory", mod: "calm" } as { use: string })).toContain('no option "mod"');
    expect(await refusal({ use: "own" })).toBe('tracker "own" has no sync; a tracker has sync.');
  });
});
