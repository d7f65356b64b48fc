import { type Kind, members, type Need, type OptionsSchema, type Plugin, SpecError } from "@everlearn/contracts";
import { beforeEach, expect } from "vitest";
import {
  type Cell,
  completeSpec,
  createContext,
  type FoundPlugin,
  type Plan,
  planRun,
  type RunSpec,
  type WrittenSpec,
} from "../src/index.js";

/** What the fakes did since the test began. */
export const happened: string[] = [];
beforeEach(() => {
  happened.length = 0;
});

/** What the fakes answer beyond their contracts. */
export const inside = (cell: Cell) => cell as unknown as Record<string, Record<string, unknown>>;

/** All that a part of a kind must have: methods that do nothing. */
export function whole(kind: Kind): Record<string, unknown> {
  const required = Object.entries<string>(members[kind]).filter(([, how]) => how === "required");
  return Object.fromEntries(required.map(([member]) => [member, () => {}]));
}

interface Fake {
  readonly options?: OptionsSchema;
  readonly needs?: readonly Need[] | ((options: never) => readonly Need[]);
  resolveOptions?(options: never, context: never): unknown;
  /** Answers what a part has; it is made whole. */
  create(options: never, given: never): unknown;
}

/** A plugin that is at hand, whose `create` answers what it likes. */
export function raw(kind: Kind, name: string, fields: Fake): FoundPlugin {
  const plugin = { kind, name, contract: 2, description: "A fake.", options: {}, ...fields };
  return { plugin: plugin as unknown as Plugin, package: `@fake/${kind}-${name}`, version: "1.0.0" };
}

/** A plugin whose parts are whole, and which says what it does. */
export function fake(kind: Kind, name: string, fields: Fake): FoundPlugin {
  return raw(kind, name, {
    ...fields,
    async create(options, given) {
      happened.push(`make ${name}`);
      const own = (await fields.create(options, given)) as object;
      return { ...whole(kind), ...own, dispose: () => void happened.push(`dispose ${name}`) };
    },
  });
}

type Given = Readonly<Record<string, unknown>> & { readonly random: { integer(bound: number): number } };
type Options = Readonly<Record<string, number>>;

const integer = (rest: object = {}) => ({ type: "integer", minimum: 1, description: ".", ...rest }) as const;
const fraction = { type: "number", minimum: 0, maximum: 1, default: 0, description: "." } as const;
const ofStream = (boundaries: boolean): Fake => ({
  options: { fraction },
  needs: ["of"],
  create: (options: Options, given: Given) => ({
    ...(given.of as object),
    ...options,
    boundaries,
    ...given,
    draw: given.random.integer(1e9),
  }),
});

/** One plugin of each kind, and some more; each draws once from its generator. */
export const fakes = (): FoundPlugin[] => [
  fake("dataset", "glyphs", {
    options: { size: integer({ default: 3 }) },
    create: ({ size }: Options, { folder }: Given) => ({
      shape: [2, size, 1],
      classes: 4,
      checksum: `sum${size}`,
      folder,
    }),
  }),
  fake("stream", "plain", {
    options: { tasks: integer({ default: 2 }) },
    create: ({ tasks }: Options, { dataset, random }: Given) => ({
      ...(dataset as object),
      ...{ tasks, experiences: tasks, boundaries: true, dataset, draw: random.integer(1e9) },
    }),
  }),
  fake("stream", "blurry", ofStream(true)),
  fake("stream", "iid", ofStream(false)),
  fake("scenario", "class-il", {
    options: {
      taskLabels: { type: "string", enum: ["never", "training"], default: "never", description: "." },
      boundaries: { type: "boolean", default: true, description: "." },
    },
    create: (options: Options, { stream }: Given) => ({
      ...options,
      outputs: (stream as { classes: number }).classes,
      stream,
    }),
  }),
  fake("scenario", "domain-il", {
    options: { boundaries: { type: "boolean", default: true, description: "." } },
    create: (options: Options, { stream }: Given) => ({ taskLabels: "never", ...options, outputs: 2, stream }),
  }),
  fake("network", "mlp", {
    options: { hidden: { type: "array", items: integer(), default: [100, 100], description: "." } },
    async create({ hidden }: Options, { inputs, outputs, random }: Given) {
      await new Promise((done) => setTimeout(done, 5));
      const theta = { hidden, draw: random.integer(1e9) };
      return { inputs, outputs, theta, gradient: () => 0.5, step() {}, save: () => "theta" };
    },
  }),
  fake("optimizer", "adam", {
    options: { epsilon: { type: "number", exclusiveMinimum: 0, default: 1e-8, description: "." } },
    create: (options: Options, { vector }: Given) => ({ ...options, vector, save: () => ({ m: 1 }) }),
  }),
  fake("buffer", "reservoir", {
    options: { capacity: integer() },
    create({ capacity }: Options, { random }: Given) {
      if (capacity === 13) throw new RangeError("capacity = 13 brings bad luck.");
      return { capacity, draw: random.integer(1e9), save: () => "kept" };
    },
  }),
  fake("learner", "mer", {
    options: { alpha: { type: "number", exclusiveMinimum: 0, maximum: 1, description: "." } },
    needs: ["network", "buffer"],
    create: (options: Options, given: Given) => ({ options, ...given, draw: given.random.integer(1e9) }),
  }),
  fake("learner", "online", { needs: ["network"], create: (_: Options, given: Given) => ({ given }) }),
  fake("learner", "nearest-mean", { create: (_: Options, given: Given) => ({ given, save: () => "means" }) }),
  fake("learner", "er", { needs: ["network", "buffer"], create: () => ({ endTask() {} }) }),
  fake("learner", "ewc", { needs: ["network", "boundaries"], create: () => ({ endTask() {} }) }),
  raw("metric", "mean", {
    options: { scale: { type: "number", default: 1, description: "." } },
    create:
      ({ scale }: Options) =>
      () =>
        scale,
  }),
  fake("tracker", "memory", { create: () => ({}) }),
];

export const mer = { use: "mer", alpha: 0.1 };
const quick = { name: "quick", stream: { use: "plain" }, learner: mer, buffer: { use: "reservoir", capacity: 5 } };

/** The run that all tests here begin with, changed, as if it was read from a file. */
export function run(changes: object = {}): RunSpec {
  const fields = { ...quick, ...changes } as WrittenSpec;
  return completeSpec({ ...fields, source: { file: "quick.json", run: "", own: Object.keys(fields) } });
}

/** Plans it with the fakes and some more. */
export function planned(changes: object = {}, more: readonly FoundPlugin[] = [], base = fakes()): Promise<Plan> {
  return planRun(run(changes), createContext([...more, ...base]));
}

/** What is said where it is refused. */
export async function refusal(changes: object, more: readonly FoundPlugin[] = []): Promise<string> {
  const error: unknown = await planned(changes, more).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SpecError);
  return (error as SpecError).message;
}
