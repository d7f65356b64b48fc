import type { Layer } from "./layers.js";

/**
 * The network of La-MAML's CIFAR experiments, "pc_cnn" in the released code: three 3 × 3 convolutions of 160 channels at
 * stride 2, then 320 and 320 units. Gupta, Yadav & Paull 2020 (arXiv:2007.13904).
 */
const laMaml: readonly Layer[] = [
  ...Array.from({ length: 3 }, (): Layer[] => [
    { layer: "conv", filters: 160, kernel: 3, stride: 2, padding: 1 },
    { layer: "relu" },
  ]).flat(),
  { layer: "flatten" },
  ...Array.from({ length: 2 }, (): Layer[] => [{ layer: "dense", units: 320 }, { layer: "relu" }]).flat(),
];

const normalised = (filters: number, kernel: number, stride: number): Layer[] => [
  { layer: "conv", filters, kernel, stride, padding: kernel === 3 ? 1 : 0, bias: false },
  { layer: "batch norm" },
];

const block = (filters: number, stride: number): Layer[] => [
  {
    layer: "residual",
    layers: [...normalised(filters, 3, stride), { layer: "relu" }, ...normalised(filters, 3, 1)],
    shortcut: stride === 1 ? [] : normalised(filters, 1, stride),
  },
  { layer: "relu" },
];

/**
 * The reduced ResNet-18 of GEM's CIFAR-100 experiments: 20, 40, 80 and 160 filters where He et al. 2016 have 64 to 512.
 * Lopez-Paz & Ranzato 2017 (arXiv:1706.08840).
 */
const resnet18: readonly Layer[] = [
  ...normalised(20, 3, 1),
  { layer: "relu" },
  ...[20, 40, 80, 160].flatMap((filters, i) => [...block(filters, i === 0 ? 1 : 2), ...block(filters, 1)]),
  { layer: "global average" },
];

/** What a preset stands for. */
export interface Preset {
  readonly layers: readonly Layer[];
  readonly initialisation: "pytorch" | "he";
}

/** Networks of papers, by name. */
export const presets = {
  "la-maml": { layers: laMaml, initialisation: "he" },
  resnet18: { layers: resnet18, initialisation: "pytorch" },
} as const satisfies Record<string, Preset>;
