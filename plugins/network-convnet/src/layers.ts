/** Two sides, rows first; one number stands for both. */
export type Sides = number | readonly [number, number];

interface Named {
  /** A name, by which `features` can ask for the layer's output. */
  readonly name?: string;
}

interface Learned extends Named {
  /** Whether its parameters, or those inside of it, stay as they began; a batch norm then keeps to its running statistics. */
  readonly frozen?: boolean;
}

/** A convolution over images, whose kernel takes in all channels of its group. */
export interface Conv extends Learned {
  readonly layer: "conv";
  readonly filters: number;
  /** 3 by default. */
  readonly kernel?: Sides;
  /** 1 by default. */
  readonly stride?: number;
  /** Rows and columns of zeros around the image; 0 by default. */
  readonly padding?: number;
  /** 1 by default; divides the channels and the filters. */
  readonly groups?: number;
  /** True by default. */
  readonly bias?: boolean;
}

/** A convolution with a kernel of its own for each channel. */
export interface DepthwiseConv extends Learned, Pick<Conv, "kernel" | "stride" | "padding" | "bias"> {
  readonly layer: "depthwise conv";
}

/** Each channel's mean 0 and variance 1 over a batch (Ioffe & Szegedy 2015), then a slope and a shift that are learned. */
export interface BatchNorm extends Learned {
  readonly layer: "batch norm";
  /** 10⁻⁵ by default. */
  readonly epsilon?: number;
  /** A batch's share in the running statistics; 0.1 by default. */
  readonly momentum?: number;
}

/** The same over groups of channels of one example (Wu & He 2018). */
export interface GroupNorm extends Learned {
  readonly layer: "group norm";
  /** Divides the channels. */
  readonly groups: number;
  /** 10⁻⁵ by default. */
  readonly epsilon?: number;
}

/** max(x, 0) */
export interface Relu extends Named {
  readonly layer: "relu";
}

/** The largest, or the mean, of each window. */
export interface Pooling extends Named {
  readonly layer: "max pool" | "average pool";
  readonly size: Sides;
  /** The window's size by default, which is then to be square. */
  readonly stride?: number;
  /** 0 by default; less than the window. Padding counts as zeros in a mean, and takes no part in a maximum. */
  readonly padding?: number;
}

/** Each channel's mean over the image. */
export interface GlobalAverage extends Named {
  readonly layer: "global average";
}

/** layers(x) + shortcut(x), where a shortcut without layers is x itself (He et al. 2016). */
export interface Residual extends Learned {
  readonly layer: "residual";
  readonly layers: readonly Layer[];
  readonly shortcut?: readonly Layer[];
}

/** An image as a row of values: row by row, channels last. */
export interface Flatten extends Named {
  readonly layer: "flatten";
}

/** Every output is a weighted sum of all inputs; images are flattened first. */
export interface Dense extends Learned {
  readonly layer: "dense";
  readonly units: number;
  /** True by default. */
  readonly bias?: boolean;
}

/** A layer in the order in which values pass through. */
export type Layer =
  | Conv
  | DepthwiseConv
  | BatchNorm
  | GroupNorm
  | Relu
  | Pooling
  | GlobalAverage
  | Residual
  | Flatten
  | Dense;
