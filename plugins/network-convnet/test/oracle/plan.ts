// What the layers are made of: their shapes, and where their parameters stand in θ.
import type { Random } from "@everlearn/contracts";
import { log } from "@everlearn/softmax";
import type { Layer, Sides } from "../../src/index.js";
import { flat, type Shape } from "./image.js";

/** A layer in its place. */
export interface Part {
  readonly layer: Layer;
  /** Where its parameters begin in θ, in the canonical order; a residual's are those of its layers and its shortcut. */
  readonly at: number;
  readonly input: Shape;
  readonly output: Shape;
  readonly frozen: boolean;
  readonly layers: readonly Part[];
  readonly shortcut: readonly Part[];
}

/** A rectangle that moves over an image. */
export interface Window {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly padding: number;
}

/** A sum of products, moving over an image. A dense layer is one over an image of a single pixel. */
export interface Kernel extends Window {
  readonly filters: number;
  /** The inputs of an output. */
  readonly inputs: number;
  readonly groups: number;
  readonly hasBias: boolean;
}

type Convolution = Extract<Layer, { layer: "conv" | "depthwise conv" | "dense" }>;
type Pool = Extract<Layer, { layer: "max pool" | "average pool" | "global average" }>;

const sides = (of: Sides): readonly [number, number] => (typeof of === "number" ? [of, of] : of);

export function windowOf(pool: Pool, { height, width }: Shape): Window {
  if (pool.layer === "global average") return { rows: height, columns: width, stride: 1, padding: 0 };
  const [rows, columns] = sides(pool.size);
  return { rows, columns, stride: pool.stride ?? rows, padding: pool.padding ?? 0 };
}

export function kernelOf(layer: Convolution, { channels }: Shape): Kernel {
  const hasBias = layer.bias ?? true;
  if (layer.layer === "dense") {
    const window = { rows: 1, columns: 1, stride: 1, padding: 0 };
    return { ...window, filters: layer.units, inputs: channels, groups: 1, hasBias };
  }
  const [rows, columns] = sides(layer.kernel ?? 3);
  const window = { rows, columns, stride: layer.stride ?? 1, padding: layer.padding ?? 0 };
  if (layer.layer === "depthwise conv") return { ...window, filters: channels, inputs: 1, groups: channels, hasBias };
  const { filters, groups = 1 } = layer;
  return { ...window, filters, inputs: channels / groups, groups, hasBias };
}

export const weightsOf = ({ rows, columns, inputs, filters }: Kernel): number => rows * columns * inputs * filters;

export const shapeOf = (shape: readonly number[]): Shape =>
  shape.length === 1
    ? { height: 1, width: 1, channels: shape[0] }
    : { height: shape[0], width: shape[1], channels: shape[2] ?? 1 };

function moved({ height, width }: Shape, { rows, columns, stride, padding }: Window, channels: number): Shape {
  const places = (side: number, window: number) => Math.floor((side + 2 * padding - window) / stride) + 1;
  return { height: places(height, rows), width: places(width, columns), channels };
}

/** Layers in their places, one after the other. */
export function plan(layers: readonly Layer[], input: Shape, at = 0, frozen = false): Part[] {
  const parts: Part[] = [];
  for (const layer of layers) {
    const last = parts.at(-1);
    parts.push(placed(layer, last?.output ?? input, last ? last.at + parametersOf(last) : at, frozen));
  }
  return parts;
}

function placed(layer: Layer, before: Shape, at: number, within: boolean): Part {
  const frozen = within || ("frozen" in layer && layer.frozen === true);
  const input = layer.layer === "dense" ? flat(before) : before;
  const part = { layer, at, input, output: input, frozen, layers: [], shortcut: [] };
  switch (layer.layer) {
    case "conv":
    case "depthwise conv":
    case "dense": {
      const kernel = kernelOf(layer, input);
      return { ...part, output: moved(input, kernel, kernel.filters) };
    }
    case "max pool":
    case "average pool":
    case "global average":
      return { ...part, output: moved(input, windowOf(layer, input), input.channels) };
    case "flatten":
      return { ...part, output: flat(input) };
    case "residual": {
      const inner = plan(layer.layers, input, at, frozen);
      const shortcut = plan(layer.shortcut ?? [], input, at + total(inner), frozen);
      return { ...part, layers: inner, shortcut, output: inner.at(-1)?.output ?? input };
    }
    case "batch norm":
    case "group norm":
    case "relu":
      break;
  }
  return part;
}

const total = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + parametersOf(part), 0);

/** The number of a layer's parameters. */
export function parametersOf({ layer, input, layers, shortcut }: Part): number {
  switch (layer.layer) {
    case "conv":
    case "depthwise conv":
    case "dense": {
      const kernel = kernelOf(layer, input);
      return weightsOf(kernel) + (kernel.hasBias ? kernel.filters : 0);
    }
    case "batch norm":
      return 4 * input.channels;
    case "group norm":
      return 2 * input.channels;
    case "residual":
      return total(layers) + total(shortcut);
    case "relu":
    case "flatten":
    case "max pool":
    case "average pool":
    case "global average":
      break;
  }
  return 0;
}

/** All parts with parameters of their own, in the canonical order. */
export const leaves = (parts: readonly Part[]): Part[] =>
  parts.flatMap((part) =>
    part.layer.layer === "residual" ? leaves([...part.layers, ...part.shortcut]) : parametersOf(part) > 0 ? [part] : [],
  );

/** θ as it begins. */
export function initial(parts: readonly Part[], initialisation: "pytorch" | "he", random: Random): Float32Array {
  const fill = (count: number, value: () => number) => Array.from({ length: count }, value);
  return Float32Array.from(
    leaves(parts).flatMap(({ layer, input }) => {
      if (layer.layer === "conv" || layer.layer === "depthwise conv" || layer.layer === "dense") {
        const kernel = kernelOf(layer, input);
        const fanIn = kernel.rows * kernel.columns * kernel.inputs;
        const biases = kernel.hasBias ? kernel.filters : 0;
        if (initialisation === "pytorch")
          return fill(weightsOf(kernel) + biases, () => (2 * random.uniform() - 1) * Math.sqrt(1 / fanIn));
        const weights = fill(weightsOf(kernel), () => normal(random) * Math.sqrt(2 / fanIn));
        return [...weights, ...fill(biases, () => 0)];
      }
      const slopesAndShifts = [...fill(input.channels, () => 1), ...fill(input.channels, () => 0)];
      if (layer.layer === "group norm") return slopesAndShifts;
      return [...slopesAndShifts, ...fill(input.channels, () => 0), ...fill(input.channels, () => 1)];
    }),
  );
}

/** A normally distributed number, by Marsaglia's polar method. */
function normal(random: Random): number {
  for (;;) {
    const u = 2 * random.uniform() - 1;
    const v = 2 * random.uniform() - 1;
    const s = u * u + v * v;
    if (0 < s && s < 1) return u * Math.sqrt((2 * log(1 / s)) / s);
  }
}
