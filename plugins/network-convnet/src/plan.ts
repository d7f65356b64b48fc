import type { Tensor } from "@everlearn/contracts";
import type { Block } from "@everlearn/wasm";

/** What a layer takes or gives for each example: rows × columns × channels. A row of values has one pixel. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The width of the border of zeros that some layer wants around it. */
  border: number;
  /** Whether its values are needed as they are: no later layer may write over them. */
  kept: boolean;
  /** Whether parameters that learn lie before it, so that derivatives by it are needed. */
  learns: boolean;
}

/** Parameters of one kind, and how they begin. */
export interface Parameter {
  readonly kind: Tensor["kind"];
  /** As the canonical order has them, outputs last. */
  readonly shape: readonly number[];
  /** Whether they learn. */
  readonly learns: boolean;
  /** Where they begin in θ, in float32. */
  readonly offset: number;
  readonly blocks: readonly Block[];
  /** For weights and biases, the number of inputs that an output adds up; or the value that all begin with. */
  readonly initial: { readonly fanIn: number; readonly bias: boolean } | number;
}

interface Step {
  readonly in: Image;
  readonly out: Image;
}

/** A window over an image. */
export interface Sweep {
  /** Rows and columns. */
  readonly size: readonly [number, number];
  readonly stride: number;
  readonly padding: number;
}

/** A convolution; a dense layer is one of 1 × 1 on a row of values. */
export interface ConvolutionStep extends Step {
  readonly step: "convolution";
  readonly sweep: Sweep;
  readonly groups: number;
  readonly weights: Parameter;
  readonly bias: Parameter | undefined;
  readonly learns: boolean;
}

/** A normalisation; then `other` is added, and ReLU taken, where that follows. */
export interface NormStep extends Step {
  readonly step: "norm";
  /** The layer's place in the options, for errors. */
  readonly place: string;
  /** The channels of a group, of one example; 0: each channel by itself, over a batch. */
  readonly group: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly running: { readonly mean: Parameter; readonly variance: Parameter } | undefined;
  readonly learns: boolean;
  other?: Image;
  rectify: boolean;
}

/** ReLU; in place where `in` is `out`. */
export interface ReluStep extends Step {
  readonly step: "relu";
}

/** out ← in + other; in place where `in` is `out`. */
export interface AddStep extends Step {
  readonly step: "add";
  readonly other: Image;
}

export interface PoolStep extends Step {
  readonly step: "max pool" | "average pool";
  readonly sweep: Sweep;
}

/** From an image to a row of values. */
export interface FlattenStep extends Step {
  readonly step: "flatten";
}

export type AnyStep = ConvolutionStep | NormStep | ReluStep | AddStep | PoolStep | FlattenStep;

/** A network as steps from image to image, and its parameters in θ's canonical order. */
export interface Plan {
  readonly input: Image;
  readonly logits: Image;
  /** What `features` answers. */
  readonly features: Image;
  readonly images: readonly Image[];
  /** In the order in which they are computed. */
  readonly steps: readonly AnyStep[];
  /** Those of each layer that has some, in θ's canonical order. */
  readonly layers: readonly (readonly Parameter[])[];
  /** The float32 of θ in memory. */
  readonly length: number;
}

/** The images that a step reads. */
export const inputsOf = (step: AnyStep): Image[] => [
  step.in,
  ...("other" in step && step.other !== undefined ? [step.other] : []),
];
