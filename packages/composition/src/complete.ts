import {
  type Kind,
  type Learner,
  members,
  missingMembers,
  type Parts,
  type Plugin,
  SpecError,
} from "@everlearn/contracts";

/** A plugin as errors name it. */
export type PluginName = Pick<Plugin, "kind" | "name">;

/** Refuses what a plugin's `create` answered where that is no part at all. @throws SpecError */
export function assertPart(part: unknown, { kind, name }: PluginName, where: string): void {
  const right = kind === "metric" ? typeof part === "function" : typeof part === "object" && part !== null;
  if (right) return;
  const answered = part === null ? "null" : part === undefined ? "nothing" : `a value of type ${typeof part}`;
  const what = kind === "metric" ? "a function of a run's evaluations" : `the ${kind}`;
  throw new SpecError(`${where}${kind} "${name}": its create answered ${answered}; let it return ${what}.`);
}

/** Refuses a part whose missing member a run would find out about, perhaps only after hours. @throws SpecError */
export function assertComplete(part: Parts[Kind], { kind, name }: PluginName, where: string): void {
  const missing = missingMembers(kind, part);
  if (missing.length === 0) return;
  const required = Object.entries(members[kind]).flatMap(([member, how]) => (how === "required" ? [member] : []));
  throw new SpecError(`${where}${kind} "${name}" has no ${missing.join(", ")}; a ${kind} has ${required.join(", ")}.`);
}

const synchronous = ["observe", "endTask", "predict"] as const;
const remedy = "learners answer at once: await what it takes in create, which may be async";

/**
 * The learner, which is stopped where it answers with a promise: a run would not wait for it.
 * @throws SpecError where a method is an async function
 */
export function rejectPromises(learner: Learner, { kind, name }: PluginName, where: string): Learner {
  for (const method of synchronous)
    if (learner[method]?.constructor.name === "AsyncFunction")
      throw new SpecError(`${where}${kind} "${name}" has an async ${method}; ${remedy}.`);

  function answered<T>(method: string, answer: T): T {
    const { then } = (answer ?? {}) as { then?: unknown };
    if (typeof then !== "function") return answer;
    (answer as PromiseLike<unknown>).then(undefined, () => {}); // its outcome is of no interest any more
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
