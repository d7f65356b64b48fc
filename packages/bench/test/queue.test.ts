import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SuiteCell } from "../src/cell.js";
import { createEstimates, type Estimates } from "../src/estimates.js";
import { createQueue } from "../src/queue.js";

/** Specs of which some are equally large, and some of one learner. */
const specs = [10, 10, 20, 20, 30, 10].map((examples, i) => ({
  specId: `spec-${i}`,
  learner: `learner-${i % 2}`,
  examples,
}));

let made = 0;
const cellOf = (spec: (typeof specs)[number]): SuiteCell => ({ ...spec, seed: made++ }) as SuiteCell;

/** What the queue is to take, said plainly: it looks at all that wait, and asks about each of them. */
function next(waiting: readonly SuiteCell[], running: readonly SuiteCell[], order: string[], estimates: Estimates) {
  const runs = (cell: SuiteCell) => running.some(({ specId }) => specId === cell.specId);
  const seconds = (cell: SuiteCell) =>
    estimates.measured(cell) ?? (runs(cell) ? (estimates.expected(cell) ?? 0) : Number.MAX_VALUE);
  const place = ({ specId }: SuiteCell) => order.indexOf(specId);
  return waiting.toSorted(
    (a, b) =>
      seconds(b) - seconds(a) ||
      b.examples - a.examples ||
      place(a) - place(b) ||
      waiting.indexOf(a) - waiting.indexOf(b),
  )[0];
}

function allAhead(waiting: readonly SuiteCell[], estimates: Estimates) {
  const seconds = waiting.map((cell) => estimates.expected(cell));
  if (seconds.includes(null)) return null;
  const known = seconds as number[];
  return { sum: known.reduce((a, b) => a + b, 0), longest: Math.max(0, ...known) };
}

const step = fc.record({
  act: fc.constantFrom("add", "add", "add", "take", "take", "finish", "fail", "stop", "predict", "find"),
  spec: fc.constantFrom(...specs),
  seconds: fc.integer({ min: 1, max: 4 }),
  which: fc.nat(20),
});

describe("the queue of cells", () => {
  it("takes what one finds who looks at all cells, whatever becomes known in between", () => {
    let taken = 0;
    const run = (steps: readonly { act: string; spec: (typeof specs)[number]; seconds: number; which: number }[]) => {
      const estimates = createEstimates();
      const queue = createQueue(estimates);
      const [waiting, running, order]: [SuiteCell[], SuiteCell[], string[]] = [[], [], []];
      const add = (cell: SuiteCell) => {
        queue.add(cell);
        waiting.push(cell);
        if (!order.includes(cell.specId)) order.push(cell.specId);
      };
      for (const { act, spec, seconds, which } of steps) {
        const one = running[which % running.length];
        if (act === "add") add(cellOf(spec));
        else if (act === "take") {
          const cell = next(waiting, running, order, estimates);
          expect(queue.take()).toBe(cell);
          if (!cell) continue;
          taken++;
          waiting.splice(waiting.indexOf(cell), 1);
          running.push(cell);
        } else if (act === "find") {
          // A result of an earlier call.
          if (!order.includes(spec.specId)) order.push(spec.specId);
          const cell = cellOf(spec);
          estimates.ended(cell, seconds);
          queue.update(cell);
        } else if (one && act === "predict") estimates.predicted(one, seconds);
        else if (one) {
          running.splice(running.indexOf(one), 1);
          queue.release(one);
          if (act === "stop") add(one);
          if (act === "finish") {
            estimates.ended(one, seconds);
            queue.update(one);
          }
        }
        expect(queue.size).toBe(waiting.length);
        const [expected, plain] = [queue.expected(), allAhead(waiting, estimates)];
        expect(expected?.sum ?? null).toEqual(plain && expect.closeTo(plain.sum, 9));
        expect(expected?.longest).toBe(plain?.longest);
      }
    };
    fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: "max" }), run), { numRuns: 1000 });
    expect(taken).toBeGreaterThan(5000);
  });

  it("does no more for each of many thousand cells than for each of few", () => {
    const jobs = 8;
    /** How often estimates are asked, for each cell of so many specs. */
    function questions(count: number): number {
      let asked = 0;
      const known = createEstimates();
      const queue = createQueue({
        ...known,
        measured: (cell) => (asked++, known.measured(cell)),
        expected: (cell) => (asked++, known.expected(cell)),
      });
      const seeds = 4;
      for (let i = 0; i < count * seeds; i++)
        queue.add(cellOf({ specId: `spec-${i % count}`, learner: `learner-${i % 5}`, examples: (i * 7) % count }));
      const running: SuiteCell[] = [];
      for (let i = 0; queue.size + running.length > 0; i++) {
        while (running.length < jobs && queue.size > 0) running.push(queue.take() as SuiteCell);
        for (const cell of running) known.predicted(cell, (i * 13) % 11); // as ten times a second
        const [cell] = running.splice(i % running.length, 1);
        queue.release(cell);
        known.ended(cell, (i * 17) % 23);
        queue.update(cell);
      }
      return asked / (count * seeds);
    }
    const few = questions(50);
    expect(few).toBeLessThan(4 * jobs);
    expect(questions(5000)).toBeLessThan(1.5 * few);
  });
});
