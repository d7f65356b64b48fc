import type { Receipt, RunSpec } from "@everlearn/records";
import { describe, expect, it } from "vitest";
import { type AuditedCell, judge, type Measure } from "../src/index.js";

interface Case {
  readonly name: string;
  /** Retained accuracies by seed. */
  readonly declared: readonly (number | null)[];
  readonly secret: readonly (number | null)[];
  readonly rerun?: readonly number[];
  readonly reference?: boolean;
  readonly conditions?: string;
  readonly questions?: number | null;
  readonly chance?: number;
}

function cellsOf({ name, declared, secret, rerun, reference = false, ...rest }: Case): AuditedCell[] {
  const { conditions = "same", questions = 10_000, chance = 0.1 } = rest;
  const measure = (value: number | null | undefined): Measure | null =>
    value == null ? null : { score: value, chance, questions, examples: 100, digest: null };
  return declared.map((value, seed) => ({
    submission: { run: { name } as RunSpec, seed, where: `${name}.json`, reference },
    specId: name,
    conditions,
    declared: measure(value),
    rerun: rerun ? { outcome: "reproduced", differences: [], identity: [], measure: measure(rerun[seed]) } : null,
    secret: measure(secret[seed]),
    problems: [],
  }));
}

const judged = (...cases: Case[]) => judge("c".repeat(64), cases.flatMap(cellsOf)).submissions;
const er: Case = { name: "er", reference: true, declared: [0.7, 0.71, 0.69], secret: [0.68, 0.69, 0.67] };
const last = (...cases: Case[]) => judged(...cases).at(-1);

describe("an audit", () => {
  it("finds that who knows public labels falls, by as much as it does", () => {
    const cheat = { name: "cheat", declared: [1, 1, 1], secret: [0.7, 0.71, 0.69] };
    const one = last(er, cheat);
    expect(one).toMatchObject({ judgement: "falls", declared: 1, rerun: null });
    expect(one?.gap).toBeCloseTo(0.3);
    expect(one?.excess).toBeCloseTo(0.28);
    expect(one?.why).toMatch(
      /^On secret data it loses 30\.0 points; the reference er, which loses most, loses 2\.0 points\. That is 28\.0 points more, of which chance explains \d\.\d points\.$/,
    );
  });

  it("finds that who loses what references lose holds, and how much cannot be ruled out", () => {
    const honest = last(er, { name: "mer", declared: [0.8, 0.82, 0.81], secret: [0.78, 0.79, 0.79] });
    expect(honest).toMatchObject({ judgement: "holds" });
    expect(honest?.why).toMatch(/An unfair advantage of more than [2-9]\.\d points is ruled out\.$/);
  });

  it("is not misled by data that are harder or easier, which references show", () => {
    const harder = { ...er, secret: [0.5, 0.51, 0.49] };
    expect(last(harder, { name: "mer", declared: [0.8, 0.8, 0.8], secret: [0.61, 0.6, 0.62] })?.judgement).toBe(
      "holds",
    );
    const easier = { ...er, secret: [0.9, 0.91, 0.89] };
    // It does better than it declared, but all others gain more.
    expect(last(easier, { name: "cheat", declared: [0.9, 0.9, 0.9], secret: [0.91, 0.9, 0.92] })?.judgement).toBe(
      "falls",
    );
  });

  it("compares with the reference that loses most, among those under the same conditions", () => {
    const weak = { ...er, name: "weak", secret: [0.6, 0.61, 0.59] };
    const other = { ...er, name: "other", secret: [0.2, 0.2, 0.2], conditions: "another stream" };
    const one = last(er, weak, other, { name: "mer", declared: [0.8, 0.8, 0.8], secret: [0.71, 0.7, 0.7] });
    expect(one?.why).toContain("the reference weak, which loses most");
    expect(one?.judgement).toBe("holds");
  });

  it("takes the numbers of the new run where there is one, whatever was declared", () => {
    const unseen = { name: "liar", declared: [0.99, 0.99, 0.99], secret: [0.68, 0.68, 0.69] };
    expect(last(er, { ...unseen, rerun: [0.7, 0.7, 0.7] })).toMatchObject({ judgement: "holds", declared: 0.99 });
    expect(last(er, unseen)?.judgement).toBe("falls");
  });

  const mer = { name: "mer", declared: [0.8, 0.8, 0.8], secret: [0.78, 0.78, 0.78] };
  it.each<[string, Case[], RegExp]>([
    ["there is no reference", [mer], /no reference ran on the same data set/],
    ["references ran elsewhere", [{ ...er, conditions: "other" }, mer], /no reference ran on the same data set/],
    ["references learn nothing", [{ ...er, secret: [0.1, 0.11, 0.1] }, mer], /no reference does better than guessing/],
    [
      "there are few test examples",
      [
        { ...er, questions: 50 },
        { ...mer, questions: 50 },
      ],
      /more test examples/,
    ],
    [
      "nobody says how many there are",
      [
        { ...er, questions: null },
        { ...mer, questions: null },
      ],
      /teach too little/,
    ],
    ["it was not run on them", [er, { ...mer, secret: [0.78, null, 0.78] }], /no numbers on both data sets/],
    ["it is a reference itself", [er], /it is a reference/],
  ])("is unclear where %s", (_, cases, why) => {
    expect(last(...cases)).toMatchObject({ judgement: "unclear", why: expect.stringMatching(why) as string });
  });

  it("errs against the honest once in hundreds: in 400 draws of fair submissions none or one falls", () => {
    let state = 7;
    const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const drawn = (p: number) => {
      let hits = 0;
      for (let i = 0; i < 500; i++) if (uniform() < p) hits++;
      return hits / 500;
    };
    let falls = 0;
    for (let i = 0; i < 400; i++) {
      const reference = { ...er, declared: [drawn(0.7)], secret: [drawn(0.68)], questions: 500 };
      const one = last(reference, { name: "fair", declared: [drawn(0.8)], secret: [drawn(0.78)], questions: 500 });
      if (one?.judgement === "falls") falls++;
    }
    expect(falls).toBeLessThanOrEqual(2);
  });

  it("says where the two data sets teach another number of examples", () => {
    const cells = [er, mer]
      .flatMap(cellsOf)
      .map((cell) => ({ ...cell, secret: cell.secret && { ...cell.secret, examples: 7 } }));
    expect(judge("c", cells).submissions[1].why).toMatch(
      /^It learned from 7 secret examples, and from 100 of its own\. On secret/,
    );
  });

  it("counts the cells of receipts by their hash, and says what could not be run", () => {
    const [cell] = cellsOf({ name: "mer", declared: [0.8], secret: [null] });
    const receipt = { ...{ name: "mer", seed: 0 }, spec: {} } as unknown as Receipt;
    const one = judge("c", [{ ...cell, submission: { ...cell.submission, receipt }, problems: ["It crashed."] }]);
    expect(one.submissions[0].cells[0]).toMatchObject({
      vouched: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      problems: ["It crashed."],
      secret: null,
    });
  });
});
