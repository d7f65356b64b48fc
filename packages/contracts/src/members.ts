import type { ContractVersion, Kind, Need, Parts } from "./plugin.js";

/** The version of the contracts that this package describes. */
export const contractVersion: ContractVersion = 2;

const needsOfParts: Readonly<Record<Need, true>> = {
  network: true,
  backward: true,
  buffer: true,
  taskLabels: true,
  testTaskLabels: true,
  boundaries: true,
  of: true,
};

/** Everything that a part can need. */
export const needs = Object.keys(needsOfParts) as readonly Need[];

/** Whether each member of a part is required. A member that is left out here, or called required by mistake, does not compile. */
type Members<T> = { readonly [M in keyof T]-?: undefined extends T[M] ? "optional" : "required" };

/** The members of each kind of part: the one list by which runs and conformance judge whether a part is complete. */
export const members: { readonly [K in Kind]: Members<Parts[K]> } = {
  dataset: {
    shape: "required",
    classes: "required",
    classNames: "optional",
    train: "required",
    test: "required",
    checksum: "required",
    notes: "optional",
    column: "optional",
  },
  stream: {
    tasks: "required",
    experiences: "required",
    boundaries: "required",
    shape: "required",
    classes: "required",
    classesOf: "required",
    train: "required",
    test: "required",
  },
  scenario: {
    taskLabels: "required",
    boundaries: "optional",
    outputs: "required",
    example: "required",
    query: "required",
    answer: "required",
  },
  network: {
    theta: "required",
    inputs: "required",
    outputs: "required",
    layers: "required",
    tensors: "optional",
    vector: "required",
    trained: "optional",
    gradient: "required",
    logits: "required",
    features: "required",
    save: "required",
    load: "required",
    dispose: "required",
    descend: "optional",
    step: "optional",
    losses: "optional",
    predict: "optional",
    gram: "optional",
    gradientGram: "optional",
    backward: "optional",
  },
  optimizer: { update: "required", save: "required", load: "required" },
  augmentation: { atTest: "optional", real: "optional", apply: "required" },
  buffer: {
    capacity: "required",
    size: "required",
    add: "required",
    sample: "required",
    all: "required",
    save: "required",
    load: "required",
  },
  learner: { observe: "required", endTask: "optional", predict: "required", save: "required", load: "required" },
  metric: {},
  tracker: { sync: "required", dispose: "optional" },
};

/** Every kind of plugin, in the order in which lists show them. */
export const kinds = Object.keys(members) as readonly Kind[];

/** The required members that a part of a kind lacks. */
export function missingMembers<K extends Kind>(kind: K, part: Parts[K]): string[] {
  return Object.entries(members[kind]).flatMap(([member, how]) =>
    how === "required" && Reflect.get(part, member) === undefined ? [member] : [],
  );
}
