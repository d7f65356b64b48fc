import type * as nodeFs from "node:fs";
import { appendFileSync, fsyncSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Journal, openJournal } from "../src/index.js";
import { journalOf, temporary } from "./folder.js";

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof nodeFs>();
  return { ...fs, fsyncSync: vi.fn<typeof fs.fsyncSync>(fs.fsyncSync) };
});
beforeEach(() => {
  vi.mocked(fsyncSync).mockClear();
});

const cellId = "cell";
const start = {
  ...({ type: "start", name: "a", specId: "s", cellId, seed: 0, spec: { seeds: [0] } } as const),
  ...{ plugins: {}, checksum: "c", tasks: [[0]] },
};
const evaluation = (after: number | null, accuracy = [0.5, 0.25]) =>
  ({ type: "evaluation", after, examples: after === null ? 0 : 10 * (after + 1), accuracy }) as const;
const end = { type: "end", metrics: { retainedAccuracy: 0.5, forwardTransfer: null }, digest: "d" } as const;
const failed = { type: "failed", message: "It diverged." } as const;

function written(...events: Parameters<Journal["record"]>[0][]): string {
  const directory = temporary();
  const journal = openJournal(directory, cellId);
  for (const event of events) journal.record(event);
  journal.close();
  return directory;
}

function reopened<T>(directory: string, use: (journal: Journal) => T, id = cellId): T {
  const journal = openJournal(directory, id);
  try {
    return use(journal);
  } finally {
    journal.close();
  }
}

describe("a journal", () => {
  it("appends each record as a line with the time, on the disk before it answers", () => {
    const directory = temporary();
    reopened(directory, (journal) => {
      for (const [i, event] of [start, evaluation(null), evaluation(0), end].entries()) {
        const before = i === 0 ? "" : readFileSync(join(directory, "journal.jsonl"), "utf8");
        const record = journal.record(event);
        expect(fsyncSync).toHaveBeenCalledTimes(i + 1);
        expect(record).toMatchObject(event);
        expect(Math.abs(Date.parse(record?.time ?? "") - Date.now())).toBeLessThan(60_000);
        const after = readFileSync(join(directory, "journal.jsonl"), "utf8");
        expect(after).toBe(`${before}${JSON.stringify(record)}\n`);
      }
    });
  });

  it("keeps what it holds when it is opened again, and writes no record twice", () => {
    const directory = written(start, evaluation(null), evaluation(0));
    const before = readFileSync(join(directory, "journal.jsonl"), "utf8");
    reopened(directory, (journal) => {
      for (const event of [start, evaluation(null), evaluation(0)]) expect(journal.record(event)).toBeUndefined();
      expect(readFileSync(join(directory, "journal.jsonl"), "utf8")).toBe(before);
      expect(journal.record(evaluation(1))).toMatchObject(evaluation(1));
      expect(journal.record(evaluation(1))).toBeUndefined();
    });
    expect(readFileSync(join(directory, "journal.jsonl"), "utf8").startsWith(before)).toBe(true);
    expect(journalOf(directory)).toHaveLength(4);
  });

  it("refuses a record that says otherwise than the one it holds", () => {
    const directory = written(start, evaluation(null), evaluation(0), end);
    const before = readFileSync(join(directory, "journal.jsonl"), "utf8");
    for (const event of [evaluation(null, [0.5, 0.5]), evaluation(0, [0.5]), { ...end, digest: "e" }])
      expect(() => reopened(directory, (journal) => journal.record(event))).toThrow(RunError);
    expect(() => reopened(directory, (journal) => journal.record(evaluation(0, [1, 1])))).toThrow(
      /journal\.jsonl" has another evaluation after experience 0 than this run made again: .+ Choose another folder with --out\.$/,
    );
    expect(readFileSync(join(directory, "journal.jsonl"), "utf8")).toBe(before);
  });

  it("is refused to another cell, and stays as it is", () => {
    const directory = written(start);
    expect(() => reopened(directory, () => 0, "other")).toThrow(/journal\.jsonl" belongs to a run with another spec/);
    expect(journalOf(directory)).toMatchObject([start]);
  });

  it("goes on where the spec got more seeds or another description", () => {
    const directory = written(start, evaluation(null));
    reopened(directory, (journal) => {
      expect(journal.record({ ...start, spec: { seeds: [0, 1], description: "New." } })).toBeUndefined();
      expect(journal.record(evaluation(0))).toBeDefined();
    });
    expect(journalOf(directory)).toMatchObject([start, evaluation(null), evaluation(0)]);
  });

  it("records every way to fail once", () => {
    const directory = written(start, failed);
    reopened(directory, (journal) => {
      expect(journal.record(failed)).toBeUndefined();
      expect(journal.record({ ...failed, message: "Otherwise." })).toBeDefined();
      expect(journal.record(evaluation(null))).toBeDefined();
    });
    expect(journalOf(directory).map(({ type }) => type)).toEqual(["start", "failed", "failed", "evaluation"]);
  });

  it("removes a last line that was cut short, at every byte", () => {
    const directory = written(start, { ...failed, message: "Verlernt: größer als ∞." });
    const path = join(directory, "journal.jsonl");
    const whole = readFileSync(path);
    const first = whole.indexOf("\n") + 1;
    for (let end = first; end < whole.length; end++) {
      writeFileSync(path, whole.subarray(0, end));
      const journal = openJournal(directory, cellId);
      journal.close();
      expect(readFileSync(path)).toEqual(whole.subarray(0, first));
    }
    writeFileSync(path, whole.subarray(0, first - 1));
    openJournal(directory, cellId).close();
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("counts the bytes before a torn line, whatever characters they make", () => {
    const directory = written(start);
    const path = join(directory, "journal.jsonl");
    const line = Buffer.from(`{"type":"failed","time":"","message":"\u0000"}\n`);
    line[line.indexOf(0)] = 0xff; // no UTF-8
    appendFileSync(path, line);
    const whole = readFileSync(path);
    appendFileSync(path, '{"type":"eval');
    openJournal(directory, cellId).close();
    expect(readFileSync(path)).toEqual(whole);
  });

  it.each(["}{", "", "null", "17", '"start"', "[]", '{"type":3}', "\u0000\u0000"])(
    "refuses a damaged line: %j",
    (line) => {
      const directory = written(start, evaluation(null));
      const path = join(directory, "journal.jsonl");
      const [first, second] = readFileSync(path, "utf8").split("\n");
      const damaged = `${first}\n${line}\n${second}\n`;
      writeFileSync(path, damaged);
      expect(() => openJournal(directory, cellId)).toThrow(
        /^Line 2 of ".+journal\.jsonl" is not a record; the journal is damaged\. Move it away, and --resume goes on/,
      );
      expect(readFileSync(path, "utf8")).toBe(damaged);
    },
  );
});
