import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { inThreads } from "../src/threads.js";

const thread = (code: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, threadId, workerData } from "node:worker_threads";
      parentPort.on("message", async (question) => { ${code} });`)}`,
  );
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("threads", () => {
  it("answer in the questions' order, however long each takes", async () => {
    const slowly = thread(`
      const until = Date.now() + (question % 3) * 5;
      while (Date.now() < until);
      parentPort.postMessage({ twice: 2 * question, threadId, workerData });`);
    type Answer = { twice: number; threadId: number; workerData: string };
    const found: { question: number; answer: Answer }[] = [];
    for await (const one of inThreads<number>(slowly, numbers(40), "data")) found.push(one as (typeof found)[number]);
    expect(found.map(({ question }) => question)).toEqual(numbers(40));
    expect(found.map(({ answer }) => answer.twice)).toEqual(numbers(40).map((n) => 2 * n));
    expect(found.every(({ answer }) => answer.workerData === "data")).toBe(true);
    expect(new Set(found.map(({ answer }) => answer.threadId))).not.toContain(0);
  });

  it("read few questions ahead, and are ended by who stops listening", async () => {
    let asked = 0;
    function* endless() {
      for (;;) yield asked++;
    }
    const echo = thread("parentPort.postMessage(question);");
    for await (const { answer } of inThreads<number>(echo, endless())) if (answer === 20) break;
    expect(asked).toBeLessThanOrEqual(21 + 2 * availableParallelism());
  });

  it.each([
    ["an answer", "if (question === 7) throw new TypeError('no seven'); parentPort.postMessage(question);"],
    ["their start", "} ); throw new TypeError('no seven'); parentPort.on('message', () => {"],
  ])("throw what went wrong with %s", async (_, code) => {
    const asking = async () => {
      for await (const { question, answer } of inThreads<number>(thread(code), numbers(1000)))
        expect(answer).toBe(question);
    };
    await expect(asking()).rejects.toThrow("no seven");
  });

  it("that end without a word keep nobody waiting", async () => {
    const quits = thread("process.exit(3);");
    const asking = async () => {
      for await (const _ of inThreads(quits, numbers(3)));
    };
    await expect(asking()).rejects.toThrow("A thread ended with exit code 3 before it had answered.");
  });

  it("of questions that fail are ended", async () => {
    const echo = thread("parentPort.postMessage(question);");
    function* failing() {
      yield* numbers(3);
      throw new RangeError("no more");
    }
    const asking = async () => {
      for await (const _ of inThreads(echo, failing()));
    };
    await expect(asking()).rejects.toThrow("no more");
  });
});
