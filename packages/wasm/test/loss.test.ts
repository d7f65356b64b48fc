import { DivergedError, type Term } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { createLosses, createMemory, kernel, rowOf } from "../src/index.js";
import * as oracle from "./oracle.js";

const draw = random(6);
const numbers = (n: number, from: number, to: number): Float32Array =>
  Float32Array.from({ length: n }, () => from + (to - from) * draw.uniform());
const x = new Uint8Array();

describe.each([1, 2, 4, 10, 101])("the losses of %i outputs", (outputs) => {
  const memory = createMemory(kernel);
  const losses = createLosses(memory, outputs);
  const row = rowOf(outputs);
  const [logits, delta] = [memory.take(row * 4), memory.take(row * 4)];
  const held = (address: number, n: number) => memory.floats.slice(address / 4, address / 4 + n);

  /** Terms with every kind of target, over all outputs and over some. */
  const terms = Array.from({ length: 40 }, (_, i): Term => {
    const y = draw.integer(outputs);
    const chosen = [...new Set([0, y, outputs - 1])].toSorted((a, b) => a - b);
    const query = { x, ...(i % 3 === 0 && { outputs: chosen }) };
    if (i % 4 === 0) return { ...query, y };
    if (i % 4 === 1) return { ...query, probabilities: numbers(outputs, 0, 0.5), temperature: 1 + (i % 3) };
    if (i % 4 === 2) return { ...query, logits: numbers(outputs, -2, 2) };
    return { ...query, sigmoids: numbers(outputs, 0, 1) };
  });

  it("match the Math.fround oracle bit for bit, and so do their derivatives; the padding's are 0", () => {
    terms.forEach((term, i) => {
      const z = numbers(outputs, -1, 1).map((value) => value * 10 ** ((i >> 2) % 3));
      memory.floats.set(z, logits / 4);
      const expected = oracle.lossOf(z, term);
      expect(losses.loss(term, logits, delta)).toBe(expected.loss);
      expect(held(delta, outputs)).toEqual(expected.delta);
      expect(held(delta + outputs * 4, row - outputs)).toEqual(new Float32Array(row - outputs));
    });
  });

  it("answer the first of the largest logits that take part", () => {
    memory.floats.set(new Float32Array(outputs).fill(2), logits / 4);
    memory.floats[logits / 4] = 1;
    expect(losses.answer({ x }, logits)).toBe(Math.min(1, outputs - 1));
    expect(losses.answer({ x, outputs: [0] }, logits)).toBe(0);
    expect(losses.answer({ x, outputs: [outputs - 1] }, logits)).toBe(outputs - 1);
  });

  it("refuse targets and outputs that are not there", () => {
    const loss = (term: Term) => losses.loss(term, logits, delta);
    expect(() => loss({ x, y: outputs })).toThrow(`outputs 0 to ${outputs - 1}; an example's y is ${outputs}`);
    expect(() => loss({ x, y: 0, outputs: [] })).toThrow("which is not among its outputs");
    expect(() => loss({ x, logits: new Float32Array(outputs + 1) })).toThrow(`not ${outputs + 1}`);
    expect(() => losses.answer({ x, outputs: [outputs] }, logits)).toThrow(`outputs 0 to ${outputs - 1}, not`);
  });

  it("say where training diverged, and recover", () => {
    const term = { x, y: 0 };
    memory.floats[logits / 4] = Number.NaN;
    expect(() => losses.loss(term, logits, delta)).toThrow(DivergedError);
    memory.floats[logits / 4] = 0;
    expect(losses.loss(term, logits, delta)).toBe(oracle.lossOf(held(logits, outputs), term).loss);
  });
});

it("takes exp and log of the softmax within 2 units in the last place", () => {
  for (let i = 0; i <= 30_000; i++) {
    const x = Math.fround(-i / 1000);
    expect(Math.abs(oracle.exp(x) / Math.exp(x) - 1)).toBeLessThan(2.4e-7);
    const s = Math.fround(1 + i / 100);
    expect(Math.abs(oracle.log(s) - Math.log(s))).toBeLessThanOrEqual(6e-8 * Math.max(1, Math.log(s)));
  }
});
