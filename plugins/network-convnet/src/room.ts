import { type Memory, rowOf } from "@everlearn/wasm";
import type { Lifetimes, Span } from "./lifetimes.js";
import type { Image, Plan } from "./plan.js";

/** An image in memory. */
export interface Placed {
  readonly image: Image;
  /** The address of its description for the kernel. */
  readonly record: number;
  /** The float32 of a pixel. */
  readonly channels: number;
  /** The float32 and the bytes from an example to the next. */
  readonly example: number;
  readonly bytes: number;
  /** The address of the first example's first pixel: values, and derivatives of the loss by them. */
  readonly values: number;
  readonly deltas: number;
  /** The address where its derivatives begin, borders included. */
  readonly deltaRoom: number;
}

/** Room for the images of a batch. */
export interface Room {
  /** The most examples that it has room for. */
  readonly examples: number;
  of(image: Image): Placed;
}

/** The bytes that describe an image to the kernel: rows, columns, channels, and two distances. */
export const IMAGE = 5 * 4;

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

/** The bytes from an example to the next. */
export const exampleOf = (image: Image): number => sizeOf(image).example * 4;

/** Something that needs room of a size, in float32 of one example, at some moments. */
interface Tenant {
  readonly image: Image;
  readonly spans: readonly Span[];
}

const meet = (a: Tenant, b: Tenant): boolean =>
  a.spans.some(([from, to]) => b.spans.some((other) => from <= other[1] && other[0] <= to));

/** Offsets for tenants: those that are never there together may share their room. The largest choose first. */
function settle(tenants: readonly Tenant[]): { offsets: ReadonlyMap<Tenant, number>; size: number } {
  const offsets = new Map<Tenant, number>();
  let size = 0;
  const width = ({ image }: Tenant) => sizeOf(image).example;
  for (const tenant of tenants.toSorted((a, b) => width(b) - width(a))) {
    const rivals = [...offsets.keys()].filter((other) => meet(tenant, other));
    const taken = rivals
      .map((other) => [offsets.get(other) ?? 0, width(other)] as const)
      .toSorted((a, b) => a[0] - b[0]);
    let at = 0;
    for (const [from, length] of taken) {
      if (at + width(tenant) <= from) break;
      at = Math.max(at, from + length);
    }
    offsets.set(tenant, at);
    size = Math.max(size, at + width(tenant));
  }
  return { offsets, size };
}

/** Takes room for the images of so many examples. An image's examples lie behind each other. */
export function createRoom(memory: Memory, { images }: Plan, lifetimes: Lifetimes, examples: number): Room {
  const values = new Map<Image, Tenant>();
  const deltas = new Map<Image, Tenant>();
  for (const image of images) {
    const span = lifetimes.deltas.get(image);
    values.set(image, { image, spans: lifetimes.values.get(image) ?? [] });
    if (span) deltas.set(image, { image, spans: [span] });
  }
  const { offsets, size } = settle([...values.values(), ...deltas.values()]);
  const start = memory.take(examples * size * 4);
  const records = memory.take(images.length * IMAGE);
  const placed = new Map<Image, Placed>();
  images.forEach((image, i) => {
    const { channels, row, example } = sizeOf(image);
    const record = records + i * IMAGE;
    memory.words.set(recordOf(image), record / 4);
    const first = (image.border * row + image.border * channels) * 4;
    const roomOf = (tenant: Tenant | undefined) => start + (tenant ? (offsets.get(tenant) ?? 0) * examples * 4 : 0);
    const valueRoom = roomOf(values.get(image));
    const deltaRoom = lifetimes.overwritten.has(image) ? valueRoom : roomOf(deltas.get(image));
    placed.set(image, {
      ...{ image, record, channels, example, bytes: example * 4, deltaRoom },
      values: valueRoom + first,
      deltas: deltaRoom + first,
    });
  });
  return { examples, of: (image) => placed.get(image) as Placed };
}
