import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createJournalReader, lock } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { createSyncer } from "../src/syncer.js";
import { begin, evaluate, finish, folder, recorder } from "./runs.js";

describe("a pass", () => {
  it("shows a tracker each run once, and again when its folder has changed", async () => {
    const root = folder();
    const [a] = [begin(root, "a"), begin(root, "b")];
    const { tracker, shown } = recorder();
    const syncer = createSyncer(root, [{ tracker }]);
    expect(await syncer.pass(false)).toEqual({ runs: 2, pending: 0, incomplete: 0 });
    await syncer.pass(false);
    evaluate(a, 10);
    await syncer.pass(false);
    writeFileSync(join(a, "accuracy.svg"), "<svg/>");
    await syncer.pass(false);
    begin(root, "b", 1);
    expect(await syncer.pass(false)).toEqual({ runs: 3, pending: 0, incomplete: 0 });
    expect(shown).toEqual([["a 1", "b 1"], ["a 2"], ["a 2"], ["b 1"]]);
    await syncer.close();
  });

  it("asks every tracker when no other run will start, though nothing has changed", async () => {
    const root = folder();
    begin(root, "a");
    const { tracker, shown } = recorder();
    const syncer = createSyncer(root, [{ tracker }]);
    await syncer.pass(false);
    await syncer.pass(true);
    expect(shown).toEqual([["a 1"], ["last"]]);
    await syncer.close();
  });

  it("says whether a process is at work on a run, and shows it again when that has ended", async () => {
    const root = folder();
    const release = lock(begin(root, "a"));
    const { tracker, shown } = recorder();
    const syncer = createSyncer(root, [{ tracker }]);
    await syncer.pass(false);
    release();
    await syncer.pass(false);
    expect(shown).toEqual([["a 1 running"], ["a 1"]]);
    await syncer.close();
  });

  it("shows a tracker only the runs that it is for", async () => {
    const root = folder();
    for (const name of ["a", "b", "c"]) begin(root, name);
    const [all, some] = [recorder(), recorder()];
    const syncer = createSyncer(root, [{ tracker: all.tracker }, { tracker: some.tracker, runs: ["c", "a"] }]);
    await syncer.pass(false);
    expect(all.shown).toEqual([["a 1", "b 1", "c 1"]]);
    expect(some.shown).toEqual([["a 1", "c 1"]]);
    await syncer.close();
  });

  it("shows a run again until its tracker has all of it, and says what is missing", async () => {
    const root = folder();
    for (const name of ["a", "b"]) begin(root, name);
    const answers = [{ pending: 7, problem: "The server is down." }, { pending: 0 }];
    const [slow, fast] = [recorder(() => answers.shift() ?? { pending: 0 }), recorder()];
    const syncer = createSyncer(root, [{ tracker: slow.tracker }, { tracker: fast.tracker }]);
    expect(await syncer.pass(false)).toEqual({ runs: 2, pending: 7, incomplete: 2, problem: "The server is down." });
    expect(await syncer.pass(false)).toEqual({ runs: 2, pending: 0, incomplete: 0 });
    expect(slow.shown).toEqual([
      ["a 1", "b 1"],
      ["a 1", "b 1"],
    ]);
    expect(fast.shown).toEqual([["a 1", "b 1"]]);
    await syncer.close();
  });

  it("counts the runs of a tracker that throws as missing", async () => {
    const root = folder();
    begin(root, "a");
    const { tracker } = recorder(() => {
      throw new Error("The password is wrong.");
    });
    const syncer = createSyncer(root, [{ tracker }]);
    expect(await syncer.pass(false)).toEqual({ runs: 1, pending: 1, incomplete: 1, problem: "The password is wrong." });
    await syncer.close();
  });

  it("leaves a run alone that another process sends", async () => {
    const root = folder();
    const [a] = [begin(root, "a"), begin(root, "b")];
    const release = lock(join(a, "sync"));
    const { tracker, shown } = recorder();
    const syncer = createSyncer(root, [{ tracker }]);
    expect(await syncer.pass(false)).toEqual({
      ...{ runs: 1, pending: 1, incomplete: 1 },
      problem: expect.stringMatching(/seed-0.sync" is in use by process \d+/),
    });
    release();
    expect(await syncer.pass(false)).toEqual({ runs: 2, pending: 0, incomplete: 0 });
    expect(shown).toEqual([["b 1"], ["a 1"]]);
    await syncer.close();
  });

  it("waits for the journal's first record to be whole", async () => {
    const root = folder();
    const journal = join(begin(root, "a"), "journal.jsonl");
    const { tracker, shown } = recorder();
    writeFileSync(journal, '{"type":"sta');
    const syncer = createSyncer(root, [{ tracker }]);
    expect(await syncer.pass(false)).toEqual({ runs: 0, pending: 0, incomplete: 0 });
    appendFileSync(journal, 'rt","name":"a"}\n');
    await syncer.pass(false);
    expect(shown).toEqual([["a 1"]]);
    await syncer.close();
  });
});

describe("a run of which a file is damaged", () => {
  it.each<[string, (directory: string) => void, RegExp]>([
    [
      "journal",
      (directory) => appendFileSync(join(directory, "journal.jsonl"), "{}\n"),
      /^Line 2 of ".+" is not a record; nothing/,
    ],
    [
      "checksum",
      (directory) => appendFileSync(join(directory, "journal.jsonl"), `{"type":"failed","sum":"${"0".repeat(16)}"}\n`),
      /^The checksum of line 2 of .+; nothing of this run is sent\. Delete the journal, and result\.json/,
    ],
    [
      "result",
      (directory) => writeFileSync(join(directory, "result.json"), "{}"),
      /^The result ".+" ?.* lacks .+; delete it/,
    ],
    [
      "whole journal",
      (directory) => finish(directory, "f".repeat(16)),
      /^".+journal\.jsonl" is not the journal of which result\.json/,
    ],
  ])("is not sent, and told; the others are: %s", async (_, damage, problem) => {
    const root = folder();
    const [a] = [begin(root, "a"), begin(root, "b")];
    const { tracker, shown } = recorder();
    damage(a);
    const syncer = createSyncer(root, [{ tracker }]);
    expect(await syncer.pass(true)).toEqual({
      ...{ runs: 1, pending: 1, incomplete: 1 },
      problem: expect.stringMatching(problem),
    });
    expect(shown).toEqual([["b 1", "last"]]);
    await syncer.close();
  });

  it("is none where the result has the checksum of its journal, which this version or an earlier one wrote", async () => {
    const root = folder();
    const [a, b] = [begin(root, "a"), begin(root, "b")];
    const reader = createJournalReader(a);
    reader.read();
    finish(a, reader.sums[0]);
    finish(b);
    const { tracker, shown } = recorder();
    const syncer = createSyncer(root, [{ tracker }]);
    expect(await syncer.pass(true)).toEqual({ runs: 2, pending: 0, incomplete: 0 });
    expect(shown).toEqual([["a 1", "b 1", "last"]]);
    await syncer.close();
  });
});

describe("a syncer that is closed", () => {
  it("has released its runs and disposed of its trackers", async () => {
    const root = folder();
    const own = join(begin(root, "a"), "sync");
    const { tracker, disposed } = recorder();
    const syncer = createSyncer(root, [{ tracker }]);
    await syncer.pass(false);
    expect(readdirSync(own)).toHaveLength(1);
    await syncer.close();
    expect(readdirSync(own)).toEqual([]);
    expect(disposed()).toBe(1);
  });
});
