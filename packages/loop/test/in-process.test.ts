import type { Cell } from "@everlearn/composition";
import { DivergedError, type Example, RunError, type Stateful } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { digestOf } from "../src/digest.js";
import { keptBytes } from "../src/in-process.js";
import { CellError, type LoopEvent, respond, runInProcess, saveParts } from "../src/index.js";
import { type ToyOptions, toyCell } from "./cell.js";

describe("a run in one process", () => {
  it("is the same each time, and another at another seed", () => {
    const outcome = runInProcess(toyCell());
    expect(outcome).toMatchObject({ status: "finished", examples: 60, gradients: 1 + 2 + 58 * 3 });
    expect(runInProcess(toyCell())).toEqual(outcome);
    expect(runInProcess(toyCell({ seed: 1 }))).not.toEqual(outcome);
  });

  it("tells what happens, with the state that it had then", () => {
    const seen: [LoopEvent["type"], number, number][] = [];
    runInProcess(toyCell({ tasks: 2, train: 4, batchSize: 2 }), ({ type }, { experience, index }) =>
      seen.push([type, experience, index]),
    );
    const after = (experience: number, index: number): typeof seen => [
      ["evaluating", experience, index],
      ["evaluated", experience, index],
    ];
    const task = (experience: number): typeof seen => [
      ["trained", experience, 2],
      ["trained", experience, 4],
      ...after(experience, 4),
      ["experienced", experience + 1, 0],
    ];
    expect(seen).toEqual([...after(0, 0), ...task(0), ...task(1)]);
  });

  it("has weights and answers, over which its digest goes", () => {
    const cell = toyCell({ evaluation: { every: 7 } });
    const outcome = runInProcess(cell);
    if (outcome.status !== "finished") throw new Error(outcome.message);
    const { theta, accuracy, predictions, intermediate, digest } = outcome;
    expect(theta).toEqual(cell.network.theta.toArray());
    expect(predictions).toHaveLength(96);
    expect(intermediate).toHaveLength(6);
    expect(digest).toBe(digestOf(theta, accuracy, predictions, intermediate));
  });

  it("does without a network", () => {
    const { network: _, ...without } = toyCell();
    const outcome = runInProcess(without);
    if (outcome.status !== "finished") throw new Error(outcome.message);
    expect(outcome.theta).toHaveLength(0);
    expect(outcome.digest).toBe(digestOf(new Float32Array(), outcome.accuracy, outcome.predictions, []));
  });

  it.each<[status: string, toy: ToyOptions, message: RegExp]>([
    [
      "diverged",
      {
        beforeObserve(_, seen) {
          if (seen === 32) throw new DivergedError(Number.NaN);
        },
      },
      /^toy, seed 0, task 1, example 12: The loss became NaN/,
    ],
    [
      "over-budget",
      { budget: { gradientsPerExample: 1.49 } },
      /^toy, seed 0, task 1, example 10: It used 90 gradients/,
    ],
    ["over-budget", { budget: { bytes: 10 } }, /^toy, seed 0, task 0: It used \d+ bytes of state/],
  ])("may end %s, with what it found before", (status, toy, message) => {
    const outcome = runInProcess(toyCell(toy));
    expect(outcome).toMatchObject({
      status,
      message: expect.stringMatching(message),
      initial: [...Array(3).fill(expect.any(Number))],
    });
    expect(outcome).not.toHaveProperty("digest");
  });

  it("throws what need not come again, and what those say who listen", () => {
    const answer = () => new Uint16Array(1);
    expect(() => runInProcess(toyCell({ answer }))).toThrow(CellError);
    expect(() => runInProcess(toyCell({ metrics: { odd: () => Number.NaN } }))).toThrow(
      "toy, seed 0, metric odd: it is NaN; return a finite number, or null.",
    );
    const heard = new TypeError("I heard enough.");
    const listening = () =>
      runInProcess(toyCell(), ({ type }) => {
        if (type === "trained") throw heard;
      });
    expect(listening).toThrow(heard);
    expect(() => runInProcess(toyCell({ mixed: true, evaluation: { tasks: "current-and-next" } }))).toThrow(RunError);
  });
});

describe("a request", () => {
  it("is answered by the learner that is there", () => {
    const cell = toyCell();
    const { stream, scenario } = cell;
    const source = stream.train(0);
    const batch = [0, 1].map((i) => scenario.example(0, source.input(i), source.label(i)));
    expect(respond(cell, { type: "train", batches: [batch] })).toEqual({
      gradients: 2,
      learned: [{ gradients: 2, loss: expect.any(Number) }],
    });
    expect(respond(cell, { type: "endTask" })).toEqual({ gradients: 2 });
    expect(respond(cell, { type: "answer", queries: batch }).answers).toHaveLength(2);
    const parts = saveParts(cell);
    expect(respond(cell, { type: "save" })).toEqual({ gradients: 2, parts, bytes: keptBytes(parts) });
  });

  it("that the learner cannot meet says why, and what was learned before", () => {
    const oops = new Error("Oops.");
    const cell = toyCell({
      beforeObserve(_, seen) {
        if (seen === 2) throw oops;
      },
    });
    const { stream, scenario } = cell;
    const source = stream.train(0);
    const batches = [0, 1, 2, 3].map((i) => [scenario.example(0, source.input(i), source.label(i))]);
    const reply = respond(cell, { type: "train", batches });
    expect(reply.error).toBe(oops);
    expect(reply.learned?.map(({ gradients }) => gradients)).toEqual([1, 3]);
    expect(reply.gradients).toBe(3);
  });

  it.each<[what: string, change: (batch: readonly Example[]) => void, error: RegExp]>([
    ["an input", ([{ x }]) => x.fill(0), /^The learner changed the input of an example that it was handed/],
    ["an input's last value", ([{ x }]) => x.set([77], x.length - 1), /^The learner changed the input/],
    ["the outputs", ([{ outputs }]) => (outputs as number[]).push(0), /not extensible/],
  ])("shields the stream from a learner that changes %s, and says so", (_, change, error) => {
    const cell = toyCell({ taskLabels: "always" });
    const { stream } = cell;
    const outputs = [0, 1];
    const examplesOf = () => {
      const source = stream.train(0);
      return [{ ...cell.scenario.example(0, source.input(0), source.label(0)), outputs }];
    };
    const before = structuredClone(examplesOf());
    const [example] = examplesOf();
    const learner = { ...cell.learner, observe: change };
    const reply = respond({ ...cell, learner }, { type: "train", batches: [[example]] });
    expect(reply.error).toBeInstanceOf(TypeError);
    expect((reply.error as Error).message).toMatch(error);
    expect(examplesOf()).toEqual(before);
    expect([example]).toEqual(before);
  });

  it("that a task has ended may be nothing to a learner", () => {
    const { endTask: _, ...learner } = toyCell().learner;
    expect(respond({ ...toyCell(), learner }, { type: "endTask" })).toEqual({ gradients: 0 });
  });
});

describe("what is kept", () => {
  it("is what networks, buffers and learners save, those within others too, and nothing else", () => {
    const state = new Uint8Array(10);
    const places = ["network", "network/teacher", "network/of", "buffer", "buffer/of", "learner", "learner/of/of"];
    const others = ["gradients", "gradients/teacher", "random-network", "random-network/teacher", "random-learner"];
    const parts = Object.fromEntries([...places, ...others].map((place) => [place, state]));
    expect(keptBytes(parts)).toBe(10 * places.length);
    expect(keptBytes({})).toBe(0);
  });

  it("is saved by its place", () => {
    const part = (value: number): Stateful => ({ save: () => value, load() {} });
    const cell: Pick<Cell, "parts"> = { parts: { learner: part(1), "random-stream": part(2) } };
    expect(saveParts(cell)).toEqual({ learner: 1, "random-stream": 2 });
  });
});
