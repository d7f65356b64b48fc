import type { Example, Kind, Query } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { compose, SpecError } from "../src/index.js";
import { planned } from "./quick.js";
import { type Fake, fake, fakes, tree } from "./tree.js";

const x = new Uint8Array(6);
const examples: Example[] = [{ x, y: 0 }];
const queries: Query[] = [{ x }];

/** A run in which one part is made so. */
const withPart = (kind: Kind, create: string) => {
  const own: Fake = { kind, name: "own", body: `options: {}, create: ${create}` };
  const choice = { use: "own" };
  const buffer = kind === "learner" ? { buffer: null } : {};
  const changes = kind === "metric" || kind === "tracker" ? { [`${kind}s`]: [choice] } : { [kind]: choice };
  return planned({ ...buffer, ...changes }, tree({ ...fakes(), ...fake(own) }));
};

async function refused(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}

/** What a run that is about to begin says to a part made so. */
const begun = async (kind: Kind, create: string) =>
  refused(compose(await withPart(kind, create), 0, { directory: "x" }));

describe("what create answers", () => {
  it.each<[kind: Kind, create: string, answered: string, what: string]>([
    ["learner", "() => {}", "nothing", "the learner"],
    ["buffer", "async () => null", "null", "the buffer"],
    ["network", "() => 3", "a value of type number", "the network"],
    ["metric", "() => ({})", "a value of type object", "a function of a run's evaluations"],
  ])("must be a part: %s of %s", async (kind, create, answered, what) => {
    expect(await refused(withPart(kind, create))).toBe(
      `quick.json: ${kind} "own": its create answered ${answered}; let it return ${what}.`,
    );
  });

  it.each<[kind: Kind, create: string, missing: string]>([
    ["learner", "() => ({ observe() {}, predict() {} })", "save, load"],
    ["learner", "() => ({ predict() {}, save() {}, load() {} })", "observe"],
    ["buffer", "() => ({ add() {}, sample() {}, all() {}, save() {}, load() {} })", "capacity, size"],
  ])("must be whole when a run begins: %s of %s", async (kind, create, missing) => {
    expect(await begun(kind, create)).toMatch(
      new RegExp(`^quick\\.json: ${kind} "own" has no ${missing}; a ${kind} has [a-z, ]+\\.$`),
    );
  });

  it("may be an instance of a class, with state that is private", async () => {
    const source = `
      class Counter {
        #seen = 0;
        observe(batch) { this.#seen += batch.length; }
        predict(queries) { return new Uint16Array(queries.length).fill(this.#seen); }
        save() { return this.#seen; }
        load(state) { this.#seen = state; }
      }
      export default { kind: "learner", name: "own", options: {}, create: () => new Counter() };`;
    const root = tree({ ...fakes(), ...fake({ kind: "learner", name: "own", source }) });
    const { learner } = await compose(await planned({ learner: { use: "own" }, buffer: null }, root), 0, {
      directory: "x",
    });
    learner.observe([...examples, ...examples]);
    expect([...learner.predict(queries)]).toEqual([2]);
    learner.load(5);
    expect(learner.save()).toBe(5);
    expect(learner).not.toHaveProperty("endTask");
  });
});

describe("a learner that promises", () => {
  const remedy = "learners answer at once: await what it takes in create, which may be async.";
  const learner = (own: string) =>
    `() => ({ observe() {}, endTask() {}, predict: () => new Uint16Array(1), save: () => null, load() {}, ${own} })`;

  it.each(["observe", "endTask", "predict"])("is refused before anything starts where %s is async", async (method) => {
    expect(await refused(withPart("learner", learner(`async ${method}() {}`)))).toBe(
      `quick.json: learner "own" has an async ${method}; ${remedy}`,
    );
  });

  it("is stopped where a plain method answers with a promise", async () => {
    const promising = 'Promise.reject(new Error("unheard"))';
    const create = learner(`observe: () => ${promising}, endTask: () => ${promising}, predict: () => ${promising}`);
    const cell = await compose(await withPart("learner", create), 0, { directory: "x" });
    const says = (method: string) => `learner "own" answered ${method} with a promise; ${remedy}`;
    expect(() => cell.learner.observe(examples)).toThrow(says("observe"));
    expect(() => cell.learner.endTask?.()).toThrow(says("endTask"));
    expect(() => cell.learner.predict(queries)).toThrow(says("predict"));
  });

  it("is left alone where it does not", async () => {
    const cell = await compose(await withPart("learner", learner("observe: () => 7")), 0, { directory: "x" });
    cell.learner.observe(examples);
    cell.learner.endTask?.();
    expect(cell.learner.predict(queries)).toHaveLength(1);
  });
});

describe("an error in create", () => {
  it.each([
    ['new Error("no luck")', 'quick.json: learner "own": no luck (thrown by its create)'],
    ['new SyntaxError("no luck")', 'quick.json: learner "own": no luck (thrown by its create)'],
    ['new RangeError("k = 3 is odd.")', 'quick.json: learner "own": k = 3 is odd.'],
    ['"luck"', 'quick.json: learner "own": "luck" (thrown by its create)'],
  ])("names the plugin: %s", async (error, says) => {
    expect(await refused(withPart("learner", `() => { throw ${error}; }`))).toBe(says);
  });
});
