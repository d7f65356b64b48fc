import { createHash } from "node:crypto";
import type { Experience, Input, Query, Stream } from "@everlearn/contracts";
import { type Cell, compose, digest, type Plan } from "@everlearn/host";
import { random } from "@everlearn/random";
import { type Progress, type Result, run, type TaskLabels } from "@everlearn/runner";

/** What was found out about the honesty of a run; `checks.json`. */
export interface Honesty {
  readonly specId: string;
  /** Trained on labels drawn at random, retained accuracy must be that of guessing. */
  readonly canary: {
    readonly passed: boolean;
    readonly retainedAccuracy: number | null;
    readonly chance: number;
    /** Four standard deviations of an answer drawn for each class of each task. */
    readonly tolerance: number;
    readonly seeds: readonly number[];
  };
  /** Answers must not depend on how many are asked for at once. */
  readonly batches: { readonly passed: boolean; readonly sizes: readonly number[]; readonly queries: number };
  /** Built in order and, a second time, in reverse, the stream must be the same. */
  readonly stream: { readonly passed: boolean; readonly sha256: readonly [string, string] };
  /** What was handed out of task labels must be no more than the scenario grants. */
  readonly taskLabels: { readonly passed: boolean; readonly granted: string; readonly handed: TaskLabels };
}

/** Whether all of it is as it must be. */
export function isHonest({ canary, batches, stream, taskLabels }: Honesty): boolean {
  return [canary, batches, stream, taskLabels].every(({ passed }) => passed);
}

/** How a run is checked. */
export interface CheckOptions {
  /** Where the canaries run, resumed where they stopped: DIR/canary-<seed>. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Hears how far the canaries are. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Seeds of canaries begin here: none is a run's own by accident. */
const firstSeed = 1_000_000;
const batchSizes = [1, 7, 256];
/** Test examples of a task that the learner is asked about in batches of each size. */
const asked = 100;

/**
 * Checks a run's honesty: canary, batches, stream and task labels. It costs a run of the learner or, where tasks and
 * classes are so few that one says little, up to four.
 * @throws StoppedError where the signal aborts; RunError where a run fails
 */
export async function checkHonesty(plan: Plan, options: CheckOptions): Promise<Honesty> {
  const results: Result[] = [];
  let batches = true;
  let queries = 0;
  let seeds: number[] = [];
  let spread = 0;
  let chance = 0;
  for (let i = 0; i === 0 || i < seeds.length; i++) {
    const seed = firstSeed + i;
    const cell = await compose(plan, seed);
    try {
      if (i === 0) {
        ({ chance, spread } = guessing(cell));
        const count = Math.min(4, Math.max(1, Math.ceil((spread / ((1 - chance) / 1.5)) ** 2)));
        seeds = Array.from({ length: count }, (_, i) => firstSeed + i);
      }
      const directory = `${options.directory}/canary-${seed}`;
      const { directory: _, ...rest } = options;
      const result = await run(misled(cell), { ...rest, directory, resume: true });
      results.push(result);
      // A learner of a run that was finished before has learned nothing now, but answers all the same.
      const all = questions(cell);
      queries += all.length;
      if (result.status === "finished") batches &&= answersAgree(cell, all);
    } finally {
      await cell.dispose();
    }
  }
  const scores = results.map(({ metrics, chance, status }) =>
    status === "finished" ? (metrics.retainedAccuracy ?? null) : chance,
  );
  const retainedAccuracy = scores.includes(null)
    ? null
    : (scores as number[]).reduce((a, b) => a + b, 0) / scores.length;
  const tolerance = spread / Math.sqrt(seeds.length);
  const { scenario, hashes } = await streams(plan);
  const handed = results[0].taskLabels;
  return {
    specId: plan.specId,
    canary: {
      passed: retainedAccuracy === null || Math.abs(retainedAccuracy - chance) <= tolerance,
      ...{ retainedAccuracy, chance, tolerance, seeds },
    },
    batches: { passed: batches, sizes: batchSizes, queries },
    stream: { passed: hashes[0] === hashes[1], sha256: hashes },
    taskLabels: {
      passed:
        (scenario !== "never" || handed.training + handed.boundaries === 0) &&
        (scenario === "always" || handed.test === 0),
      granted: scenario,
      handed,
    },
  };
}

/** What guessing scores, and four standard deviations of that where each class of a task has one answer, drawn. */
function guessing({ stream, scenario }: Cell): { chance: number; spread: number } {
  const guesses = Array.from({ length: stream.tasks }, (_, task) => {
    const outputs = scenario.query(task, stream.test(task).input(0)).outputs?.length ?? scenario.outputs;
    return { p: 1 / outputs, classes: stream.classesOf(task).length };
  });
  const variance = guesses.reduce((sum, { p, classes }) => sum + (p * (1 - p)) / classes, 0);
  return {
    chance: guesses.reduce((sum, { p }) => sum + p, 0) / guesses.length,
    spread: (4 * Math.sqrt(variance)) / guesses.length,
  };
}

/** The cell with labels of training drawn at random among its task's classes: a cell of its own. */
function misled(cell: Cell): Cell {
  const labels = random(cell.seed, "canary");
  const stream: Stream = {
    ...cell.stream,
    train(experience): Experience {
      const source = cell.stream.train(experience);
      const drawn = labels.fork(experience);
      const chosen = Uint16Array.from({ length: source.length }, (_, i) =>
        drawn.integer(cell.stream.classesOf(source.task(i)).length),
      );
      return {
        length: source.length,
        task: (i) => source.task(i),
        input: (i, into) => source.input(i, into),
        label: (i) => chosen[i],
      };
    },
  };
  // Its result is no receipt of the run, and says so.
  const specId = digest({ specId: cell.specId, canary: true });
  const spec = { ...cell.spec, canary: true };
  return { ...cell, spec, specId, cellId: digest({ specId, seed: cell.seed }), stream };
}

function questions({ stream, scenario }: Cell): Query[] {
  return Array.from({ length: stream.tasks }, (_, task) => {
    const test = stream.test(task);
    return Array.from({ length: Math.min(asked, test.length) }, (_, i) => scenario.query(task, test.input(i)));
  }).flat();
}

function answersAgree({ learner }: Cell, queries: readonly Query[]): boolean {
  const answers = batchSizes.map((size) => {
    const all: number[] = [];
    for (let i = 0; i < queries.length; i += size) all.push(...learner.predict(queries.slice(i, i + size)));
    return all;
  });
  return answers.every((one) => one.every((answer, i) => answer === answers[0][i]));
}

/** SHA-256 over all a stream's examples, built in order and by another cell in reverse. */
async function streams(plan: Plan): Promise<{ scenario: string; hashes: [string, string] }> {
  const seed = plan.spec.seeds[0] ?? 0;
  const hashes: string[] = [];
  let scenario = "";
  for (const reverse of [false, true]) {
    const cell = await compose(plan, seed);
    try {
      hashes.push(hashOf(cell.stream, reverse));
      scenario = cell.scenario.taskLabels;
    } finally {
      await cell.dispose();
    }
  }
  return { scenario, hashes: [hashes[0], hashes[1]] };
}

/** Examples whose hash is taken together. */
const BLOCK = 256;

/** SHA-256 of the hashes of blocks of training and test examples, in order, whatever the order in which they are built. */
export function hashOf(stream: Stream, reverse: boolean): string {
  const parts = [
    ...Array.from({ length: stream.experiences }, (_, i) => () => stream.train(i)),
    ...Array.from({ length: stream.tasks }, (_, task) => () => ({ ...stream.test(task), task: () => task })),
  ];
  const order = <T>(values: T[]) => (reverse ? values.reverse() : values);
  const hashes = parts.map((): string[] => []);
  for (const part of order([...parts.keys()])) {
    const examples = parts[part]();
    const blocks = Math.ceil(examples.length / BLOCK);
    for (const block of order(Array.from({ length: blocks }, (_, i) => i))) {
      const places = Array.from(
        { length: Math.min(BLOCK, examples.length - block * BLOCK) },
        (_, i) => block * BLOCK + i,
      );
      const read = new Map<number, string | Uint8Array>();
      for (const i of order([...places])) read.set(i, bytesOf(examples.input(i), examples.label(i), examples.task(i)));
      const hash = createHash("sha256");
      for (const i of places) hash.update(read.get(i) as Uint8Array);
      hashes[part][block] = hash.digest("hex");
    }
  }
  return createHash("sha256").update(hashes.flat().join("\n")).digest("hex");
}

function bytesOf(x: Input, label: number, task: number): Uint8Array {
  const numbers = Uint32Array.of(label, task);
  const bytes = new Uint8Array(8 + x.byteLength);
  bytes.set(new Uint8Array(numbers.buffer));
  bytes.set(new Uint8Array(x.buffer, x.byteOffset, x.byteLength), 8);
  return bytes;
}
