import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Progress, writeFile } from "@everlearn/runner";
import { type Honesty, isHonest } from "./checks.js";
import type { Pool } from "./pool.js";
import type { BenchReport, CheckEnd, Overview, Running } from "./report.js";
import type { ScheduleOptions } from "./schedule.js";
import type { Candidate, Entry } from "./suite.js";

/** Seeds from which a suite with a protocol counts as official, and its runs are checked. */
const officialSeeds = 10;

/** How the runs of a suite are checked for honesty. */
export interface HonestyOptions extends Pick<ScheduleOptions, "out" | "signal" | "onChange" | "onOutput"> {
  readonly jobs: number;
  /** Whether to check; where absent, runs of a suite's protocol on ten seeds or more are. */
  readonly checks?: boolean | undefined;
  /** Hears of runs that were checked in this call. */
  readonly onCheck?: (end: CheckEnd) => void;
}

/** A run of which all cells have results, with the options that it ran with. */
interface Subject {
  readonly entry: Entry;
  readonly candidate: Candidate;
}

/**
 * Checks the honesty of the runs of a suite whose cells all have results, so many at once: OUT/<name>/checks.json. What
 * was checked before is not checked again.
 */
export async function checkRuns(
  entries: readonly Entry[],
  { cells }: Pick<BenchReport, "cells">,
  pool: Pool,
  options: HonestyOptions,
): Promise<{ readonly checks: readonly CheckEnd[]; readonly stopped: boolean }> {
  const { out, jobs, checks, signal, onCheck, onChange, onOutput } = options;
  const subjects = entries.flatMap((entry): Subject[] => {
    const results = cells.flatMap(({ name, result }) => (name === entry.name && result ? [result] : []));
    const candidate = entry.candidates.find(({ planned }) => planned.specId === results[0]?.specId);
    const official = candidate?.planned.spec.protocol !== undefined && entry.seeds.length >= officialSeeds;
    return candidate && results.length === entry.seeds.length && (checks ?? official) ? [{ entry, candidate }] : [];
  });
  const ends = new Map<Subject, CheckEnd>();
  const running = new Map<Subject, Progress | null>();
  const whose = ({ entry }: Subject): string => join(out, entry.name);

  function look(): Overview {
    return {
      planned: entries.length,
      runs: entries.length,
      ended: cells.length,
      unfinished: cells.filter(({ status }) => status !== "finished").length,
      cells: cells.length,
      running: [...running].map(
        ([{ entry }, progress]): Running => ({
          name: entry.name,
          seed: progress?.seed ?? 0,
          canary: true,
          progress,
        }),
      ),
      checked: { ended: ends.size, of: subjects.length },
      secondsLeft: null,
    };
  }

  async function run(subject: Subject): Promise<void> {
    const { entry, candidate } = subject;
    const { request, planned } = candidate;
    const directory = whose(subject);
    mkdirSync(directory, { recursive: true });
    running.set(subject, null);
    onChange?.(look);
    const found = await pool.check(
      { ...request, specId: planned.specId, directory },
      {
        onProgress(progress) {
          running.set(subject, progress);
          onChange?.(look);
        },
        onOutput: (line) => onOutput?.(line, entry.name),
      },
    );
    running.delete(subject);
    if (found.status === "stopped") return;
    if (found.status === "checked") writeFile(fileIn(directory), `${JSON.stringify(found.honesty, null, 2)}\n`);
    const end =
      found.status === "checked"
        ? endOf(entry.name, found.honesty, false)
        : { name: entry.name, ...found, earlier: false };
    ends.set(subject, end);
    onCheck?.(end);
  }

  const waiting: Subject[] = [];
  for (const subject of subjects) {
    const honesty = checkedBefore(whose(subject), subject.candidate.planned.specId);
    if (honesty) ends.set(subject, endOf(subject.entry.name, honesty, true));
    else waiting.push(subject);
  }
  const lane = async () => {
    for (let subject = waiting.shift(); subject; subject = waiting.shift()) {
      if (signal?.aborted) return;
      await run(subject);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return { checks: subjects.flatMap((subject) => ends.get(subject) ?? []), stopped: ends.size < subjects.length };
}

function endOf(name: string, honesty: Honesty, earlier: boolean): CheckEnd {
  return { name, status: isHonest(honesty) ? "honest" : "dishonest", honesty, earlier };
}

const fileIn = (directory: string): string => join(directory, "checks.json");

/** What an earlier call found of the same run; undefined where there is nothing, or nothing that can be read. */
function checkedBefore(directory: string, specId: string): Honesty | undefined {
  if (!existsSync(fileIn(directory))) return undefined;
  try {
    const honesty = JSON.parse(readFileSync(fileIn(directory), "utf8")) as Honesty;
    return honesty.specId === specId ? honesty : undefined;
  } catch {
    return undefined;
  }
}
