import type { Kind } from "@everlearn/contracts";

/** What a new plugin's package holds beside its source, by kind. */
export interface Scaffold {
  /** Its options in specs: those that have no default. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What its test hands to the kind's check. */
  readonly setup: Readonly<Record<string, unknown>>;
  /** What its spec has beside the shared fields, given how the spec names the plugin, and its short name. */
  readonly spec: (choice: object, name: string) => object;
  /** The packages that its source imports, besides the contracts. */
  readonly uses?: readonly string[];
  /** Whether it uses modules of Node.js, whose types it then needs. */
  readonly node?: true;
}

const online = { use: "online", alpha: 0.03 };
const replay = { use: "er", alpha: 0.1, k: 11 };
const reservoir = { use: "reservoir", capacity: 200 };

/** Runs side by side. */
const compared = (baselines: readonly object[], own: object) => ({ runs: [...baselines, own] });

export const scaffolds: { readonly [K in Kind]: Scaffold } = {
  dataset: {
    options: {},
    setup: { options: { train: 400, test: 100 } },
    spec: (dataset, name) => ({ name, dataset, learner: replay, buffer: reservoir }),
    node: true,
  },
  stream: {
    options: {},
    setup: { options: { examplesPerTask: 100 } },
    spec: (stream, name) => ({ name, stream, learner: replay, buffer: reservoir }),
  },
  scenario: {
    options: {},
    setup: {},
    spec: (scenario, name) => ({ name, scenario, learner: replay, buffer: reservoir }),
  },
  network: {
    options: {},
    setup: { linear: true },
    uses: ["@everlearn/network"],
    spec: (network, name) => ({ learner: online, ...compared([{ name: "mlp" }], { name, network }) }),
  },
  optimizer: {
    options: {},
    setup: { rate: 0.01 },
    spec: (optimizer, name) =>
      compared([{ name: "plain-sgd", learner: online }], { name, learner: { ...online, alpha: 0.003 }, optimizer }),
  },
  augmentation: {
    options: {},
    setup: {},
    spec: (augmentation, name) => ({
      learner: replay,
      buffer: reservoir,
      ...compared([{ name: "as-they-are" }], { name, augmentation: [augmentation] }),
    }),
  },
  buffer: {
    options: { capacity: 200 },
    setup: { options: { capacity: 30 } },
    spec: (buffer, name) => ({
      learner: replay,
      ...compared([{ name: "reservoir", buffer: reservoir }], { name, buffer }),
    }),
  },
  learner: {
    options: { alpha: 0.1 },
    setup: { options: { alpha: 0.1, k: 6 } },
    spec: (learner, name) => ({
      buffer: reservoir,
      ...compared(
        [
          { name: "online", learner: online, buffer: null },
          { name: "er", learner: replay },
        ],
        { name, learner },
      ),
    }),
  },
  metric: {
    options: {},
    setup: {},
    spec: (metric, name) => ({ name, learner: replay, buffer: reservoir, metrics: [metric] }),
  },
  tracker: {
    options: {},
    setup: {},
    spec: (tracker, name) => ({ name, learner: replay, buffer: reservoir, trackers: [tracker] }),
    node: true,
  },
};

/** What the specs of new plugins share: seconds of work. */
export const shared = {
  dataset: { use: "glyphs", train: 2000, test: 500 },
  stream: { use: "rotated", tasks: 5, examplesPerTask: 400 },
  network: { use: "mlp", hidden: [50] },
  seeds: [0, 1, 2],
};
