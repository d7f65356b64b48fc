import { type Example, type Kind, type Query, SpecError } from "@everlearn/contracts";
import { describe, expect, it } from "vitest";
import { createCell } from "../src/index.js";
import { inside, planned, raw } from "./fakes.js";

const x = new Uint8Array(6);
const examples: Example[] = [{ x, y: 0 }];
const queries: Query[] = [{ x }];

/** A run in which one part is made so. */
function withPart(kind: Kind, create: () => unknown) {
  const choice = { use: "own" };
  const learner = { learner: { use: "online" }, buffer: null };
  const changes = kind === "metric" || kind === "tracker" ? { [`${kind}s`]: [choice] } : { [kind]: choice };
  return planned({ ...(kind === "learner" && learner), ...changes }, [raw(kind, "own", { create })]);
}

async function refused(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}

describe("what create answers", () => {
  it.each<[kind: Kind, create: () => unknown, answered: string, what: string]>([
    ["learner", () => {}, "nothing", "the learner"],
    ["buffer", async () => null, "null", "the buffer"],
    ["network", () => 3, "a value of type number", "the network"],
    ["dataset", () => "glyphs", "a value of type string", "the dataset"],
    ["metric", () => ({}), "a value of type object", "a function of a run's evaluations"],
  ])("must be a part: %s, case %#", async (kind, create, answered, what) => {
    expect(await refused(withPart(kind, create))).toBe(
      `quick.json: ${kind} "own": its create answered ${answered}; let it return ${what}.`,
    );
  });

  it.each<[kind: Kind, create: () => unknown, missing: string]>([
    ["learner", () => ({ observe() {}, predict() {} }), "save, load"],
    ["learner", () => ({ predict() {}, save() {}, load() {} }), "observe"],
    ["buffer", () => ({ add() {}, sample() {}, all() {}, save() {}, load() {} }), "capacity, size"],
    ["dataset", () => ({ shape: [1], train: {}, test: {}, checksum: "" }), "classes"],
    ["scenario", () => ({ taskLabels: "never", example() {}, query() {}, answer() {} }), "outputs"],
    [
      "network",
      () => ({ theta: {}, inputs: 1, outputs: 1, layers: [], vector() {}, logits() {}, save() {}, load() {} }),
      "gradient, features, dispose",
    ],
  ])("must be whole when a run is planned: %s, case %#", async (kind, create, missing) => {
    expect(await refused(withPart(kind, create))).toMatch(
      new RegExp(`^quick\\.json: ${kind} "own" has no ${missing}; a ${kind} has [a-zA-Z, ]+\\.$`),
    );
  });

  it("may be an instance of a class, with state that is private", async () => {
    class Counter {
      #seen = 0;
      observe(batch: readonly Example[]) {
        this.#seen += batch.length;
      }
      predict({ length }: readonly Query[]) {
        return new Uint16Array(length).fill(this.#seen);
      }
      save() {
        return this.#seen;
      }
      load(state: number) {
        this.#seen = state;
      }
    }
    const { learner } = await createCell(await withPart("learner", () => new Counter()), 0);
    learner.observe([...examples, ...examples]);
    expect([...learner.predict(queries)]).toEqual([2]);
    learner.load(5);
    expect(learner.save()).toBe(5);
    expect(learner).not.toHaveProperty("endTask");
  });
});

const learnerWith = (own: object) => () => ({
  observe() {},
  endTask() {},
  predict: () => new Uint16Array(1),
  save: () => null,
  load() {},
  ...own,
});
const remedy = "learners answer at once: await what it takes in create, which may be async.";

describe("a learner that promises", () => {
  it.each(["observe", "endTask", "predict"])("is refused before anything starts where %s is async", async (method) => {
    expect(await refused(withPart("learner", learnerWith({ async [method]() {} })))).toBe(
      `quick.json: learner "own" has an async ${method}; ${remedy}`,
    );
  });

  it("is stopped where a plain method answers with a promise", async () => {
    const promising = () => Promise.reject(new Error("unheard"));
    const create = learnerWith({ observe: promising, endTask: promising, predict: promising });
    const { learner } = await createCell(await withPart("learner", create), 0);
    const says = (method: string) => `learner "own" answered ${method} with a promise; ${remedy}`;
    expect(() => learner.observe(examples)).toThrow(says("observe"));
    expect(() => learner.endTask?.()).toThrow(says("endTask"));
    expect(() => learner.predict(queries)).toThrow(says("predict"));
  });

  it("is left alone where it does not", async () => {
    const { learner } = await createCell(await withPart("learner", learnerWith({ observe: () => 7 })), 0);
    learner.observe(examples);
    learner.endTask?.();
    expect(learner.predict(queries)).toHaveLength(1);
  });

  it("is refused within another learner too", async () => {
    const outer = raw("learner", "outer", {
      needs: ["of"],
      create: (_: unknown, { of }: { of: object }) => learnerWith({ inner: of })(),
    });
    const around = (own: object) =>
      planned({ learner: { use: "outer", of: { use: "own" } }, buffer: null }, [
        outer,
        raw("learner", "own", { create: learnerWith(own) }),
      ]);
    expect(await refused(around({ async predict() {} }))).toBe(
      `quick.json: learner "own" has an async predict; ${remedy}`,
    );
    const promising = await createCell(await around({ observe: () => Promise.reject(new Error("unheard")) }), 0);
    const inner = inside(promising).learner.inner as typeof promising.learner;
    expect(() => inner.observe(examples)).toThrow(`learner "own" answered observe with a promise; ${remedy}`);
  });
});

describe("an error in create", () => {
  it.each([
    [new Error("no luck"), 'quick.json: learner "own": no luck (thrown by its create)'],
    [new SyntaxError("no luck"), 'quick.json: learner "own": no luck (thrown by its create)'],
    [new RangeError("k = 3 is odd."), 'quick.json: learner "own": k = 3 is odd.'],
    ["luck", 'quick.json: learner "own": "luck" (thrown by its create)'],
  ])("names the plugin: %s", async (error, says) => {
    const create = () => {
      throw error;
    };
    expect(await refused(withPart("learner", create))).toBe(says);
  });
});
