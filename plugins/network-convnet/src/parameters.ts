import { type Block, rowOf } from "@everlearn/wasm";
import type { Parameter } from "./plan.js";

/** Hands out places in θ, one behind the other. */
export interface Places {
  /**
   * Weights of a kernel: for each of its `taps`, a row of `outputs` for each of `inputs`. Rows of the inputs that only pad
   * a pixel lie between them, and are always zeros.
   * @param shape `taps` in one or more dimensions, `inputs`, `outputs`
   * @param padded whether a tap's rows are padded as a pixel's channels are
   */
  weights(shape: readonly number[], learns: boolean, fanIn: number, padded: boolean): Parameter;
  /** A number for each channel. */
  row(kind: Parameter["kind"], channels: number, learns: boolean, initial: Parameter["initial"]): Parameter;
  /** The float32 that were handed out. */
  readonly length: number;
}

export function createPlaces(): Places {
  let length = 0;
  return {
    get length() {
      return length;
    },
    weights(shape, learns, fanIn, padded) {
      const [inputs, outputs] = shape.slice(-2);
      const taps = shape.slice(0, -2).reduce((product, side) => product * side, 1);
      const offset = length;
      const stride = rowOf(outputs);
      const rows = padded ? rowOf(inputs) : inputs;
      length += taps * rows * stride;
      const blocks: Block[] =
        rows === inputs
          ? [{ offset, rows: taps * inputs, columns: outputs, stride }]
          : Array.from({ length: taps }, (_, tap) => ({
              offset: offset + tap * rows * stride,
              rows: inputs,
              columns: outputs,
              stride,
            }));
      return { kind: "weights", shape, learns, offset, blocks, initial: { fanIn, bias: false } };
    },
    row(kind, channels, learns, initial) {
      const offset = length;
      const stride = rowOf(channels);
      length += stride;
      return {
        kind,
        shape: [channels],
        learns,
        offset,
        blocks: [{ offset, rows: 1, columns: channels, stride }],
        initial,
      };
    },
  };
}

/** The numbers of a parameter. */
export const sizeOf = ({ blocks }: Parameter): number =>
  blocks.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
