import type { Kind, Learner, Parts, Plugin } from "@everlearn/contracts";
import { SpecError } from "./error.js";

const network = [
  ...["theta", "inputs", "outputs", "loss", "layers", "vector", "gram", "descend", "gradient", "step", "losses"],
  ...["predict", "logits", "features", "save", "load", "dispose"],
] as const satisfies readonly (keyof Parts["network"])[];

/** What a run reads and calls of a part, sooner or later. */
const members: { readonly [K in Kind]: readonly (string & keyof Parts[K])[] } = {
  dataset: ["shape", "classes", "train", "test", "checksum"],
  stream: ["tasks", "experiences", "boundaries", "shape", "classes", "classesOf", "train", "test"],
  scenario: ["taskLabels", "outputs", "example", "query", "answer"],
  network: network,
  optimizer: network,
  buffer: ["capacity", "size", "add", "sample", "all", "save", "load"],
  learner: ["observe", "predict", "save", "load"],
  metric: [],
  tracker: ["sync"],
};

type Who = Pick<Plugin, "kind" | "name">;

/** Refuses what a plugin's `create` answered where that is no part at all. @throws SpecError */
export function checkPart(part: unknown, { kind, name }: Who, where: string): void {
  const right = kind === "metric" ? typeof part === "function" : typeof part === "object" && part !== null;
  if (right) return;
  const answered = part === null ? "null" : part === undefined ? "nothing" : `a value of type ${typeof part}`;
  const what = kind === "metric" ? "a function of a run's evaluations" : `the ${kind}`;
  throw new SpecError(`${where}${kind} "${name}": its create answered ${answered}; let it return ${what}.`);
}

/** Refuses a part that a run would find incomplete, perhaps only after hours. @throws SpecError */
export function checkWhole(part: Parts[Kind], { kind, name }: Who, where: string): void {
  const missing = members[kind].filter((member) => Reflect.get(part, member) === undefined);
  if (missing.length === 0) return;
  const all = members[kind].join(", ");
  throw new SpecError(`${where}${kind} "${name}" has no ${missing.join(", ")}; a ${kind} has ${all}.`);
}

const atOnce = ["observe", "endTask", "predict"] as const;
const remedy = "learners answer at once: await what it takes in create, which may be async";

/**
 * The learner, which is stopped where it answers with a promise: a run would not wait for it.
 * @throws SpecError where a method is an async function
 */
export function prompt(learner: Learner, { kind, name }: Who, where: string): Learner {
  for (const method of atOnce)
    if (learner[method]?.constructor.name === "AsyncFunction")
      throw new SpecError(`${where}${kind} "${name}" has an async ${method}; ${remedy}.`);

  function answered<T>(method: string, answer: T): T {
    const { then } = (answer ?? {}) as { then?: unknown };
    if (typeof then !== "function") return answer;
    (answer as PromiseLike<unknown>).then(undefined, () => {}); // what becomes of it is of no interest any more
    throw new TypeError(`${kind} "${name}" answered ${method} with a promise; ${remedy}.`);
  }

  return {
    ...learner,
    observe: (batch) => answered("observe", learner.observe(batch)),
    ...(learner.endTask && { endTask: () => answered("endTask", learner.endTask?.()) }),
    predict: (queries) => answered("predict", learner.predict(queries)),
    save: () => learner.save(),
    load: (state) => learner.load(state),
  };
}
