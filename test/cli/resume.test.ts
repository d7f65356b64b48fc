import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import {
  checkComplaint,
  everlearn,
  journalOf,
  killed,
  milestones,
  resultOf,
  start,
  timeless,
  withSpec,
} from "./everlearn.js";

const place = "out/small/seed-0";
const command = ["run", "spec.json", "--out", "out"];
const resume = [...command, "--resume"];
const often = ["--checkpoint-every", "0"];

type Said = Awaited<ReturnType<typeof runUndisturbed>>;
const known = new Map<object, Promise<Said>>();

/** What an undisturbed run says. */
function undisturbed(changes: object): Promise<Said> {
  const said = known.get(changes) ?? runUndisturbed(changes);
  known.set(changes, said);
  return said;
}

async function runUndisturbed(changes: object) {
  const cwd = withSpec(changes);
  expect((await everlearn(command, { cwd })).status).toBe(0);
  const { seconds: _, journal: __, seal: ___, usage: ____, ...result } = resultOf(join(cwd, place));
  return { result, records: timeless(journalOf(join(cwd, place))) };
}

function checkSame(cwd: string, { result, records }: Said): void {
  expect(resultOf(join(cwd, place))).toMatchObject(result);
  expect(timeless(journalOf(join(cwd, place)))).toEqual(records);
  expect(existsSync(join(cwd, place, "accuracy.svg"))).toBe(true);
  expect(existsSync(join(cwd, place, "checkpoint.bin"))).toBe(false);
}

const unchanged = {};
const specs = {
  "replay in Domain-IL": [13, unchanged],
  "MER with rings in Task-IL, batches of 3": [
    12,
    {
      scenario: { use: "task-il" },
      learner: { use: "mer", alpha: 0.05, beta: 0.5, s: 2, k: 3 },
      buffer: { use: "ring", capacity: 21, rings: 3 },
      batchSize: 3,
    },
  ],
} as const;

describe.concurrent.each(Object.entries(specs))("%s", (name, [kills, changes]) => {
  it("gives the same bits however often it is killed", { timeout: 120_000 }, async () => {
    const expected = await undisturbed(changes);
    const draw = random(0, name);
    let done = 0;
    while (done < kills) {
      const cwd = withSpec(changes);
      let begun = false;
      let finished = false;
      while (!finished && done < kills) {
        const next = [...(begun ? resume : command), ...often];
        if (draw.integer(5) === 0) {
          const { child, ended } = start(next, { cwd });
          await wait(draw.integer(400));
          child.kill("SIGKILL");
          finished = (await ended).status === 0;
        } else finished = !(await killed(next, cwd, join(cwd, place), 1 + draw.integer(40)));
        if (!finished) done++;
        const records = timeless(journalOf(join(cwd, place)));
        expect(records).toEqual(expected.records.slice(0, records.length));
        begun = existsSync(join(cwd, place, "journal.jsonl"));
      }
      expect(await everlearn(resume, { cwd })).toMatchObject({ status: 0, stderr: "" });
      checkSame(cwd, expected);
    }
  });
});

describe.concurrent("a run that takes a second", () => {
  const slow = {
    dataset: { use: "glyphs", train: 600, test: 100 },
    stream: { use: "rotated", tasks: 3, examplesPerTask: 300 },
    network: { use: "mlp", hidden: [100] },
    learner: { use: "mer", alpha: 0.03, s: 5, k: 6 },
  };

  it.each(["SIGINT", "SIGTERM"] as const)("stops on %s and goes on with --resume", async (signal) => {
    const expected = await undisturbed(slow);
    const cwd = withSpec(slow);
    const { child, ended } = start(command, { cwd });
    while (journalOf(join(cwd, place)).length < 2) await wait(5);
    child.kill(signal);
    const stopped = await ended;
    expect(stopped).toEqual({
      status: 130,
      signal: null,
      stdout: "",
      stderr:
        "everlearn: Stopped; nothing is lost. Continue with the same command and --resume (results so far: out).\n",
    });
    expect(existsSync(join(cwd, place, "checkpoint.bin"))).toBe(true);
    expect(existsSync(join(cwd, place, "result.json"))).toBe(false);

    expect(checkComplaint(await everlearn(command, { cwd }))).toBe(
      '"out/small/seed-0" holds a run that was not finished; go on with --resume, or choose another folder with --out.',
    );
    expect(await everlearn(resume, { cwd })).toMatchObject({ status: 0, stderr: "" });
    checkSame(cwd, expected);
  });
});

describe.concurrent("a run that was killed", () => {
  const long = { stream: { use: "rotated", tasks: 3, examplesPerTask: 300 } };
  async function after(): Promise<string> {
    const cwd = withSpec(long);
    expect(await killed([...command, ...often], cwd, join(cwd, place), 60)).toBe(true);
    expect(existsSync(join(cwd, place, "checkpoint.bin"))).toBe(true);
    return cwd;
  }

  it("and whose checkpoint was damaged since begins again, its journal kept", async () => {
    const expected = await undisturbed(long);
    const cwd = await after();
    const path = join(cwd, place, "checkpoint.bin");
    const bytes = readFileSync(path);
    bytes[bytes.length - 100] ^= 4;
    writeFileSync(path, bytes);
    const before = journalOf(join(cwd, place));
    expect(checkComplaint(await everlearn(resume, { cwd }))).toBe(
      `The checkpoint "${join(place, "checkpoint.bin")}" is damaged; delete it and --resume starts this run from the beginning, its journal kept.`,
    );
    expect(readFileSync(path)).toEqual(bytes);
    rmSync(path);
    expect(await everlearn(resume, { cwd })).toMatchObject({ status: 0, stderr: "" });
    checkSame(cwd, expected);
    expect(journalOf(join(cwd, place)).slice(0, before.length)).toEqual(before);
  });

  it("and whose journal was damaged since goes on from the checkpoint", async () => {
    const expected = await undisturbed(long);
    const cwd = await after();
    const path = join(cwd, place, "journal.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('"type"', '"ty'));
    expect(checkComplaint(await everlearn(resume, { cwd }))).toBe(
      `The checksum of line 1 of "${join(place, "journal.jsonl")}" does not match, so that this line was changed, or one before it is missing; the journal is damaged. Move it away, and --resume goes on from the checkpoint.`,
    );
    renameSync(path, join(cwd, "journal.damaged"));
    expect(await everlearn(resume, { cwd })).toMatchObject({ status: 0, stderr: "" });
    // What was said of training before the checkpoint is in the journal that was moved away.
    const all = expected.records.filter((record) => !("loss" in record));
    expect(resultOf(join(cwd, place))).toMatchObject(expected.result);
    expect(timeless(milestones(join(cwd, place)))).toEqual(all);
  });

  it("may get more seeds before it goes on, but no other learner", async () => {
    const cwd = await after();
    const spec = JSON.parse(readFileSync(join(cwd, "spec.json"), "utf8")) as Record<string, unknown>;
    writeFileSync(join(cwd, "spec.json"), JSON.stringify({ ...spec, learner: { use: "er", alpha: 0.06, k: 3 } }));
    expect(checkComplaint(await everlearn(resume, { cwd }))).toBe(
      `"${join(place, "journal.jsonl")}" belongs to a run with another spec, seed, data set or plugin version; choose another folder with --out.`,
    );
    writeFileSync(join(cwd, "spec.json"), JSON.stringify({ ...spec, description: "More.", seeds: [0, 1] }));
    const { status, stdout, stderr } = await everlearn(resume, { cwd });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^small +2 /m);
  });
});
