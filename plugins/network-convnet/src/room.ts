import { type Memory, rowOf } from "@everlearn/wasm";
import { type AnyStep, type Image, inputsOf, type Plan } from "./plan.js";

/** An image in memory. */
export interface Placed {
  readonly image: Image;
  /** The address of its description for the kernel. */
  readonly record: number;
  /** The float32 of a pixel. */
  readonly channels: number;
  /** The float32 from an example to the next. */
  readonly example: number;
  /** The address of the first example's first pixel: values, and derivatives of the loss by them. */
  readonly values: number;
  readonly deltas: number;
  /** The address where its derivatives begin, borders included, and the bytes of an example. */
  readonly deltaRoom: number;
  readonly bytes: number;
}

/** Room for the images of a batch. */
export interface Room {
  /** The most examples that it has room for. */
  readonly examples: number;
  of(image: Image): Placed;
}

/** The float32 of the words that describe an image to the kernel: rows, columns, channels, and two distances. */
const RECORD = 5;

interface Size {
  readonly channels: number;
  readonly row: number;
  readonly example: number;
}

function sizeOf({ height, width, channels, border }: Image): Size {
  const pixel = rowOf(channels);
  const row = (width + 2 * border) * pixel;
  return { channels: pixel, row, example: (height + 2 * border) * row };
}

/** What the kernel needs to know of an image. */
export function recordOf(image: Image): number[] {
  const { channels, row, example } = sizeOf(image);
  return [image.height, image.width, channels, row, example];
}

/**
 * A convolution's output that goes into a normalisation and nowhere else: once that has gone back through it, its values
 * are no longer needed, and derivatives take their place.
 */
export function isOverwritten(image: Image, steps: readonly AnyStep[]): boolean {
  const sources = steps.filter(({ out }) => out === image);
  const readers = steps.filter((step) => inputsOf(step).includes(image));
  return (
    !image.kept &&
    sources.length === 1 &&
    sources[0].step === "convolution" &&
    readers.length === 1 &&
    readers[0].step === "norm" &&
    readers[0].in === image
  );
}

/** Offsets for derivatives, in float32 of one example: those of images that are never needed together share their room. */
function deltaOffsets({ images, steps, logits }: Plan): { offsets: Map<Image, number>; size: number } {
  const spans = images
    .filter((image) => !isOverwritten(image, steps))
    .map((image) => ({
      image,
      first: Math.max(
        0,
        steps.findIndex(({ out }) => out === image),
      ),
      last: image === logits ? steps.length : steps.findLastIndex((step) => inputsOf(step).includes(image)),
      size: sizeOf(image).example,
    }))
    .toSorted((a, b) => b.size - a.size);
  const placed: (typeof spans)[number][] = [];
  const offsets = new Map<Image, number>();
  let size = 0;
  for (const span of spans) {
    const rivals = placed
      .filter(({ first, last }) => first <= span.last && span.first <= last)
      .map((other) => ({ from: offsets.get(other.image) ?? 0, size: other.size }))
      .toSorted((a, b) => a.from - b.from);
    let at = 0;
    for (const rival of rivals) {
      if (at + span.size <= rival.from) break;
      at = Math.max(at, rival.from + rival.size);
    }
    offsets.set(span.image, at);
    placed.push(span);
    size = Math.max(size, at + span.size);
  }
  return { offsets, size };
}

/** Takes room for the images of so many examples. Each image's examples lie behind each other, in the order of images. */
export function createRoom(memory: Memory, plan: Plan, examples: number): Room {
  const { offsets, size } = deltaOffsets(plan);
  const sizes = plan.images.map((image) => sizeOf(image).example);
  const values = memory.take(examples * sizes.reduce((sum, each) => sum + each, 0) * 4);
  const deltas = memory.take(examples * size * 4);
  const placed = new Map<Image, Placed>();
  let offset = 0;
  plan.images.forEach((image, i) => {
    const { channels, row, example } = sizeOf(image);
    const first = (image.border * row + image.border * channels) * 4;
    const record = memory.take(RECORD * 4);
    memory.words.set(recordOf(image), record / 4);
    const room = values + offset * examples * 4;
    const shared = offsets.get(image);
    const deltaRoom = shared === undefined ? room : deltas + shared * examples * 4;
    placed.set(image, {
      ...{ image, record, channels, example, deltaRoom, bytes: example * 4 },
      values: room + first,
      deltas: deltaRoom + first,
    });
    offset += sizes[i];
  });
  return { examples, of: (image) => placed.get(image) as Placed };
}
