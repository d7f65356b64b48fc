import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { random } from "@everlearn/random";
import { expect, it } from "vitest";
import { everlearn, folder, journalOf, resultOf, small, start, timeless } from "../cli/everlearn.js";
import { childrenOf } from "../cli/processes.js";

const KILLS = 50;
const { name: _, learner, buffer, ...shared } = small;
const suite = {
  ...shared,
  stream: { use: "rotated", tasks: 3, examplesPerTask: 200 },
  network: { use: "mlp", hidden: [50] },
  seeds: Array.from({ length: 10 }, (_, i) => i),
  runs: [
    { name: "er", learner, buffer },
    { name: "mer", learner: { use: "mer", alpha: 0.05, beta: 0.5, s: 2, k: 3 }, buffer },
    { name: "rings", learner, buffer: { use: "ring", capacity: 21, rings: 3 }, scenario: { use: "task-il" } },
  ],
};
const cells = suite.runs.flatMap(({ name }) => suite.seeds.map((seed) => join(name, `seed-${seed}`)));
const command = ["bench", "suite.json", "--out", "out", "--jobs", "2"];

function withSuite(): string {
  const cwd = folder();
  writeFileSync(join(cwd, "suite.json"), JSON.stringify(suite));
  return cwd;
}

/** What all cells' files say, but for times. */
function said(cwd: string): object[] {
  return cells.map((cell) => {
    const directory = join(cwd, "out", cell);
    const { seconds: _, journal: __, seal: ___, usage: ____, ...result } = resultOf(directory);
    return { files: readdirSync(directory).toSorted(), result, journal: timeless(journalOf(directory)) };
  });
}

/** Whether a cell has begun that has no result. */
function isUnderWay(cwd: string): boolean {
  return cells.some((cell) => {
    const directory = join(cwd, "out", cell);
    return existsSync(join(directory, "journal.jsonl")) && !existsSync(join(directory, "result.json"));
  });
}

/** The command, killed outright at some moment, its workers with it or left to themselves. @returns whether it was in time */
async function killed(cwd: string, draw: (bound: number) => number): Promise<boolean> {
  const { child, ended } = start([...command, "--checkpoint-every", "0"], { cwd });
  let done = 0;
  child.stdout?.on("data", (text: string) => (done += text.split("✓").length - 1));
  const moments = [
    { come: () => true, then: 1500 }, // from the very start, while processes start too
    { come: () => isUnderWay(cwd), then: 50 },
    { come: () => done > 0 && isUnderWay(cwd), then: 50 },
  ];
  const { come, then } = moments[draw(moments.length)];
  while (!come() && child.exitCode === null) await wait(5);
  await wait(draw(then));
  const workers = draw(2) === 0 ? childrenOf(child.pid ?? 0) : [];
  const all = [child.pid ?? 0, ...workers];
  if (draw(2) === 0) all.reverse();
  for (const pid of all)
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended meanwhile
    }
  const { signal, status, stderr } = await ended;
  expect(stderr).not.toContain("everlearn:");
  expect(signal === "SIGKILL" || status === 0).toBe(true);
  return signal === "SIGKILL";
}

it.runIf(process.platform === "linux")(
  `a suite gives the same bits, each cell once, though it is killed ${KILLS} times`,
  { timeout: 600_000 },
  async () => {
    const undisturbed = withSuite();
    expect((await everlearn(command, { cwd: undisturbed })).status).toBe(0);
    const expected = said(undisturbed);
    expect(expected).toHaveLength(30);
    const { integer } = random(0, "kills");
    let halfway = 0;
    for (let kills = 0; kills < KILLS; ) {
      const cwd = withSuite();
      while (kills < KILLS && (await killed(cwd, integer))) {
        kills++;
        if (isUnderWay(cwd)) halfway++;
      }
      const last = await everlearn(command, { cwd });
      expect(last.stderr.replaceAll(/^\d+ of \d+ (?:runs|cells) .*\n/gm, "")).toBe("");
      expect(last.status).toBe(0);
      expect(said(cwd)).toEqual(expected);
      expect(readdirSync(join(cwd, "out")).toSorted()).toEqual(["er", "mer", "rings"]);
    }
    expect(halfway).toBeGreaterThan(KILLS / 2);
  },
);
