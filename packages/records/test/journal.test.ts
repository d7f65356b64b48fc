import type * as nodeFs from "node:fs";
import { appendFileSync, fsyncSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "@everlearn/contracts";
import { sha256 } from "@everlearn/digest";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createJournalReader, type Journal, openJournal } from "../src/index.js";
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
    const sums: string[] = [];
    reopened(directory, (journal) => {
      for (const [i, event] of [start, evaluation(null), evaluation(0), end].entries()) {
        const before = i === 0 ? "" : readFileSync(join(directory, "journal.jsonl"), "utf8");
        const record = journal.record(event);
        expect(fsyncSync).toHaveBeenCalledTimes(i + 2); // of the folder too, when the file was made
        expect(record).toMatchObject(event);
        expect(Math.abs(Date.parse(record?.time ?? "") - Date.now())).toBeLessThan(60_000);
        const after = readFileSync(join(directory, "journal.jsonl"), "utf8");
        expect(after.startsWith(before)).toBe(true);
        const [, content, sum] = /^(.+),"sum":"([0-9a-f]{16})"\}\n$/.exec(after.slice(before.length)) ?? [];
        expect(`${content}}`).toBe(JSON.stringify(record));
        expect(sum).toBe(sha256(sums.at(-1) ?? "", `${content}}`).slice(0, 16));
        sums.push(sum);
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
      /journal\.jsonl" has another evaluation after experience 0 than this run has produced now: .+ Choose another folder with --out\.$/,
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
    const directory = temporary();
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

describe("the checksums of a journal", () => {
  const events = [start, evaluation(null), evaluation(0), failed, evaluation(1), end];
  const path = (directory: string) => join(directory, "journal.jsonl");
  const without = (line: string) => line.replace(/,"sum":"\w+"\}$/, "}");
  const linesOf = (directory: string) => readFileSync(path(directory), "utf8").trimEnd().split("\n");

  it("show every line that was changed, moved, doubled or taken away, except from the end", () => {
    const directory = written(...events);
    const lines = linesOf(directory);
    const last = lines.length - 1;
    const kinds: Readonly<Record<string, (i: number) => string[]>> = {
      changed: (i) => lines.with(i, lines[i].replace("accuracy", "akkuracy").replace("a", "b")),
      gone: (i) => (i === last ? ["x", ...lines] : lines.toSpliced(i, 1)),
      doubled: (i) => lines.toSpliced(i, 0, lines[i]),
      moved: (i) => lines.with(i, lines[(i + 1) % lines.length]).with((i + 1) % lines.length, lines[i]),
      "without its checksum": (i) => lines.with(i, without(lines[i])),
      "with those before it without checksums": (i) => lines.map((line, j) => (j <= i % last ? without(line) : line)),
      "another's": (i) => lines.with(i, linesOf(written({ ...failed, message: "Other." }))[0]),
    };
    for (const [kind, damage] of Object.entries(kinds))
      for (const i of lines.keys()) {
        const damaged = `${damage(i).join("\n")}\n`;
        writeFileSync(path(directory), damaged);
        expect(() => openJournal(directory, cellId), `${kind} ${i}`).toThrow(
          /^(?:The checksum of line|Line) \d+ of ".+journal\.jsonl" .+ Move it away, and --resume goes on from the checkpoint\.$/,
        );
        expect(readFileSync(path(directory), "utf8")).toBe(damaged);
      }
  });

  it("show any damage to any bytes, but a last line that is torn", () => {
    const directory = written(...events);
    const whole = readFileSync(path(directory));
    const records = journalOf(directory);
    const edit = fc.record({
      at: fc.nat(whole.length - 1),
      how: fc.constantFrom("flip", "delete", "insert", "cut"),
      byte: fc.integer({ min: 1, max: 255 }),
    });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let bytes = whole;
        for (const { at, how, byte } of edits) {
          const rest = bytes.subarray(at + (how === "insert" ? 0 : 1));
          const put = how === "flip" ? [(bytes[at] ?? 0) ^ byte] : how === "insert" ? [byte] : [];
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(put), ...(how === "cut" ? [] : [rest])]);
        }
        writeFileSync(path(directory), bytes);
        try {
          openJournal(directory, cellId).close();
        } catch (error) {
          refused++;
          expect((error as Error).message).toMatch(/^(?:The checksum of line|Line) \d+ of ".+journal\.jsonl" /);
          return;
        }
        const left = journalOf(directory);
        expect(left).toEqual(records.slice(0, left.length));
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it("continue a journal of an earlier version, which has none, and cover it from then on", () => {
    const directory = written(...events.slice(0, 3));
    const old = linesOf(directory).map(without);
    writeFileSync(path(directory), `${old.join("\n")}\n`);
    reopened(directory, (journal) => {
      for (const event of events.slice(0, 3)) expect(journal.record(event)).toBeUndefined();
      expect(journal.record(events[4])).toBeDefined();
    });
    expect(journalOf(directory)).toMatchObject([...events.slice(0, 3), events[4]]);
    const lines = linesOf(directory);
    expect(lines.slice(0, 3)).toEqual(old);
    writeFileSync(path(directory), `${lines.with(1, lines[1].replace("0.5", "0.6")).join("\n")}\n`);
    expect(() => openJournal(directory, cellId)).toThrow(/^The checksum of line 4 of/);
  });

  it("are not taken for an earlier version's where their name is damaged", () => {
    const directory = written(start);
    const [line] = linesOf(directory);
    writeFileSync(path(directory), `${line.replace('"sum"', '"sun"').replace("0", "1")}\n`);
    expect(() => openJournal(directory, cellId)).toThrow(/^The checksum of line 1 of/);
  });

  it("are what a checkpoint remembers: records that are cut off, and checksums that are taken away, are missed", () => {
    const directory = written(...events.slice(0, 3));
    const sum = reopened(directory, (journal) => journal.sum());
    expect(sum).toBe(createSums(directory).at(-1));
    const lines = linesOf(directory);
    reopened(directory, (journal) => journal.assertHeld(sum));
    reopened(directory, (journal) => journal.record(end));
    reopened(directory, (journal) => journal.assertHeld(sum)); // what came later is no matter
    for (const less of [
      lines.slice(0, 2),
      lines.map(without),
      lines.map((line, i) => (i < 2 ? line : "")).slice(0, 2),
    ]) {
      writeFileSync(path(directory), `${less.join("\n")}\n`);
      expect(() => reopened(directory, (journal) => journal.assertHeld(sum))).toThrow(
        /journal\.jsonl" lacks records or checksums that it had when the checkpoint beside it was written; .+ Move it away/,
      );
    }
    writeFileSync(path(directory), "");
    reopened(directory, (journal) => journal.assertHeld(sum)); // moved away, as the message says
    expect(reopened(temporary(), (journal) => journal.sum())).toBe("");
  });

  function createSums(directory: string): readonly string[] {
    const reader = createJournalReader(directory);
    reader.read();
    return reader.sums;
  }
});
