import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalRecord } from "@everlearn/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJournalReader, openJournal } from "../src/index.js";
import { temporary } from "./folder.js";

const failed = (message: string): JournalRecord => ({ type: "failed", time: "2026-01-01T00:00:00.000Z", message });
const line = (record: JournalRecord) => `${JSON.stringify(record)}\n`;

/** A folder whose journal holds these records, and the journal's path. */
function written(...records: readonly JournalRecord[]) {
  const directory = temporary();
  const path = join(directory, "journal.jsonl");
  writeFileSync(path, records.map(line).join(""));
  return { directory, path, reader: createJournalReader(directory) };
}
const [a, b, c] = ["a", "größer ∞", "c"].map(failed);

describe("a journal that is read while it is written", () => {
  it("grows, in one array", () => {
    const directory = temporary();
    const reader = createJournalReader(directory);
    expect(reader.read()).toEqual([]);
    const journal = openJournal(directory, "cell");
    expect(reader.read()).toEqual([]);
    const first = journal.record({ type: "failed", message: "größer ∞" });
    const records = reader.read();
    expect(records).toEqual([first]);
    const more = ["b", "c"].map((message) => journal.record({ type: "failed", message }));
    expect(reader.read()).toBe(records);
    expect(records).toEqual([first, ...more]);
    journal.close();
    expect(reader.end).toBe(statSync(join(directory, "journal.jsonl")).size);
    expect(reader.damagedLine).toBeUndefined();
  });

  it("has whole records only, wherever it is cut", () => {
    const whole = Buffer.from([a, b, c].map(line).join(""));
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (places) => {
        const { path, reader } = written();
        let at = 0;
        for (const place of [...places.toSorted((one, other) => one - other), whole.length]) {
          appendFileSync(path, whole.subarray(at, place));
          at = place;
          const there = whole.subarray(0, at).toString("latin1").split("\n").length - 1;
          expect(reader.read()).toEqual([a, b, c].slice(0, there));
          expect(reader.end).toBe(whole.subarray(0, at).lastIndexOf("\n") + 1);
          expect(reader.damagedLine).toBeUndefined();
        }
        rmSync(path);
      }),
      { numRuns: 40 },
    );
  });

  it("is read on behind bytes that are no UTF-8", () => {
    const { path, reader } = written(a);
    const odd = Buffer.from(line(failed("?")));
    odd[odd.indexOf("?")] = 0xff;
    appendFileSync(path, odd);
    expect(reader.read()).toHaveLength(2);
    appendFileSync(path, line(c));
    expect(reader.read()).toHaveLength(3);
    expect(reader.read()[2]).toEqual(c);
    expect(reader.end).toBe(statSync(path).size);
  });

  it("is read anew where it began anew: longer, shorter, or gone in between", () => {
    for (const between of ["", "removed"]) {
      const { path, reader } = written(a, b);
      const before = reader.read();
      for (const now of [[c], [b, a, c], [c, b, a]]) {
        if (between === "removed") rmSync(path);
        writeFileSync(path, now.map(line).join("")); // the same file, of which nothing is as it was
        expect(reader.read()).toEqual(now);
      }
      expect(before).toEqual([a, b]);
    }
  });

  it("keeps what it was where its file is gone", () => {
    const { path, reader } = written(a, b);
    reader.read();
    rmSync(path);
    expect(reader.read()).toEqual([a, b]);
  });

  it("is not changed by who reads it", () => {
    const { path, reader } = written(a);
    appendFileSync(path, '{"type":"fai');
    const before = readFileSync(path);
    reader.read();
    expect(readFileSync(path)).toEqual(before);
  });
});

describe("a damaged line", () => {
  it.each(["}{", "", "null", "17", "[]", '{"type":3}', '{"time":"x"}'])(
    "ends what is read, and is told: %j",
    (text) => {
      const { path, reader } = written(a, b);
      reader.read();
      appendFileSync(path, `${text}\n${line(c)}`);
      expect(reader.read()).toEqual([a, b]);
      expect(reader.damagedLine).toBe(3);
      appendFileSync(path, line(c));
      expect(reader.read()).toEqual([a, b]);
      expect(reader.damagedLine).toBe(3);
      truncateSync(path, reader.end);
      appendFileSync(path, line(c));
      expect(reader.read()).toEqual([a, b, c]);
      expect(reader.damagedLine).toBeUndefined();
    },
  );
});

describe("a journal that is opened to go on", () => {
  it("is cut behind its last whole record, which a reader does not notice", () => {
    const { directory, path, reader } = written(a, b);
    appendFileSync(path, line(c).slice(0, -1));
    expect(reader.read()).toEqual([a, b]);
    const journal = openJournal(directory, "cell");
    expect(statSync(path).size).toBe(reader.end);
    const records = reader.read();
    const again = journal.record({ type: "failed", message: "again" });
    journal.close();
    expect(reader.read()).toBe(records);
    expect(records).toEqual([a, b, again]);
  });
});
