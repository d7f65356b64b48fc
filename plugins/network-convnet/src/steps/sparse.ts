import { rowOf } from "@everlearn/wasm";
import type { ConvolutionStep, Image } from "../plan.js";
import { exampleOf, IMAGE } from "../room.js";
import { direct, FEW } from "./direct.js";
import type { Method } from "./method.js";
import type { Setting } from "./step.js";

/** The most examples that are listed together, and the most bytes of their lists beyond one example: the second cache. */
const LISTED = { examples: 8, bytes: 4 * 2 ** 20 };
const ENTRY = 8;

/** How many examples of an image are listed together. */
function groupOf({ height, width, channels }: Image): number {
  const bytes = height * width * (rowOf(channels) + 2) * ENTRY;
  return Math.max(1, Math.min(LISTED.examples, Math.floor(LISTED.bytes / bytes)));
}

/** The columns of a block that stays in registers; 0 where columns do not make up whole blocks. */
const blockOf = (columns: number): number => [40, 32, 16].find((width) => columns % width === 0) ?? 0;

/** The same for lists of pixels where vectors are wide: whichever blocks, the sums are the same. */
const listBlockOf = (columns: number, lanes: number): number =>
  lanes > 4 && columns % 80 === 0 ? 80 : blockOf(columns);

/** Where in packed weights a tap's rows and a block's are, in float32, and the bytes of a row. */
interface Packing {
  readonly tap: number;
  readonly block: number;
  readonly row: number;
}

/**
 * A convolution by definition, but zeros that ReLU left are left out of all sums: those of the inputs forward and in the
 * gradient, those of the derivatives by the outputs on the way back.
 */
export function sparse(step: ConvolutionStep, setting: Setting, record: number): Method {
  const { memory, shared, lists, zeroed } = setting;
  const { kernel } = memory;
  const { in: x, out, sweep, weights } = step;
  const whole = direct(step, setting, record);
  const [ci, co, taps] = [rowOf(x.channels), rowOf(out.channels), sweep.size[0] * sweep.size[1]];
  const at = weights.offset * 4;
  const forwardBlock = zeroed.has(x) ? listBlockOf(co, memory.lanes) : 0;
  const backBlock = zeroed.has(out) ? listBlockOf(ci, memory.lanes) : 0;
  const [packed, transposed] = shared(taps * ci * co * 4);
  const room = lists(
    Math.max(...[x, out].map((image) => groupOf(image) * image.height * image.width)),
    Math.max(ci, co),
  );

  /** A single tap's rows are near enough to each other as they are. */
  const packing = (rows: number, columns: number, width: number): Packing =>
    taps > 1
      ? { tap: rows * width, block: taps * rows * width, row: width * 4 }
      : { tap: 0, block: width, row: columns * 4 };

  function pack(from: number, rows: number, columns: number, width: number): number {
    if (taps === 1) return from;
    kernel.packWeights(from, packed(), taps * rows, columns, width);
    return packed();
  }

  /** Lists an image's values, group by group. */
  function listed(
    image: Image,
    values: number,
    rowBytes: number,
    n: number,
    visit: (first: number, some: number) => void,
  ) {
    const { entries, counts } = room();
    const group = groupOf(image);
    for (let first = 0; first < n; first += group) {
      const some = Math.min(group, n - first);
      const description = image === x ? record : record + IMAGE;
      kernel.listValues(description, values + first * exampleOf(image), entries, counts, rowBytes, some);
      visit(first, some);
    }
  }

  function forward(theta: number, from: number, to: number, bias: number, n: number): void {
    const { tap, block, row } = packing(ci, co, forwardBlock);
    const rows = pack(theta + at, ci, co, forwardBlock);
    const { entries, counts } = room();
    listed(x, from, row, n, (first, some) => {
      const target = to + first * exampleOf(out);
      kernel.sparseConvolve(record, entries, counts, target, rows, tap, block, bias, forwardBlock, some);
    });
  }

  function inputs(theta: number, xDelta: number, outDelta: number, n: number): void {
    kernel.transposeWeights(theta + at, transposed(), taps, ci, co);
    const { tap, block, row } = packing(co, ci, backBlock);
    const rows = pack(transposed(), co, ci, backBlock);
    const { entries, counts } = room();
    listed(out, outDelta, row, n, (first, some) => {
      const target = xDelta + first * exampleOf(x);
      kernel.sparseInputs(record, target, entries, counts, rows, tap, block, backBlock, some);
    });
  }

  return {
    forward: forwardBlock ? forward : whole.forward,
    backward(back) {
      const { theta, xDelta, outDelta, n, gradient } = back;
      const lists = backBlock > 0 && xDelta > 0 && !(taps === 1 && n <= FEW);
      if (lists) inputs(theta, xDelta, outDelta, n);
      whole.backward({ ...back, xDelta: lists ? 0 : xDelta, gradient: forwardBlock ? 0 : gradient });
      if (forwardBlock && gradient)
        kernel.sparseWeights(record, back.x, outDelta, gradient + at, room().entries, blockOf(co), n);
    },
  };
}
