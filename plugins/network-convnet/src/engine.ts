import { DivergedError, type Query, type Term } from "@everlearn/contracts";
import {
  createLosses,
  createMemory,
  KernelVector,
  type Layout,
  type Losses,
  type Memory,
  rowOf,
} from "@everlearn/wasm";
import type { ConvnetKernel } from "./kernel.js";
import { kernel as code } from "./kernel.wasm.js";
import { type AnyStep, type Image, inputsOf, type Plan } from "./plan.js";
import { lifetimesOf, readBack } from "./lifetimes.js";
import { createRoom, type Placed, type Room } from "./room.js";
import { convolution } from "./steps/convolution.js";
import { norm } from "./steps/norm.js";
import { add, flatten, pool, relu } from "./steps/others.js";
import type { Setting, Working } from "./steps/step.js";

/** Examples that pass together where they do not depend on each other: their images stay in the caches. */
export const GROUP = 16;

/** The float32 of the room in which tiles are transformed: with what they are multiplied by, they stay in the second cache. */
const SCRATCH = 100_000;

/** A kernel with a network's steps: what all that the network computes has in common. */
export interface Engine {
  readonly memory: Memory<ConvnetKernel>;
  readonly plan: Plan;
  readonly theta: KernelVector;
  readonly losses: Losses;
  /** Takes queries forward. @returns their images' room */
  forward(queries: readonly Query[], training: boolean): Room;
  /**
   * Takes the `n` examples of the pass before back, from derivatives by the logits that stand in their place.
   * @param gradient the vector's address to whose numbers the gradient is added; it may be θ's
   * @param features derivatives by the features, a row for each example, padded as a pixel's channels are not; 0: none
   */
  backward(
    back: { readonly n: number; readonly training: boolean; readonly gradient: number },
    features?: Float32Array,
    inputs?: boolean,
  ): void;
  /** Values of an image, row by row, channels last, for `n` examples. */
  valuesOf(image: Image, n: number, what: "values" | "deltas"): Float32Array;
  /** The loss of a term whose logits are those of example `i`; fills its derivatives, times `scale` and its weight. */
  loss(room: Room, term: Term, i: number, scale: number): number;
}

function working(step: AnyStep, setting: Setting): Working {
  switch (step.step) {
    case "convolution":
      return convolution(step, setting);
    case "norm":
      return norm(step, setting);
    case "relu":
      return relu(step, setting);
    case "add":
      return add(step, setting);
    case "flatten":
      return flatten(step, setting);
    default:
      return pool(step, setting);
  }
}

/** Two rooms for all steps, as large as the largest wish; taken when they are first used, when all wishes are known. */
function createShared(memory: Memory): Setting["shared"] {
  let most = 0;
  const rooms = [0, 0];
  const room = (i: number) => (rooms[i] ||= memory.take(most));
  return (bytes) => {
    most = Math.max(most, bytes);
    return [() => room(0), () => room(1)];
  };
}

/** Room for lists of one image at a time, taken when it is first used. */
function createLists(memory: Memory): Setting["lists"] {
  let [most, pixels] = [0, 0];
  let rooms: { readonly entries: number; readonly counts: number } | undefined;
  return (count, channels) => {
    most = Math.max(most, count * (channels + 2) * 8, (256 + channels) * 4 + channels * 128 * 8);
    pixels = Math.max(pixels, count * 4);
    return () => (rooms ??= { entries: memory.take(most), counts: memory.take(pixels) });
  };
}

/** Starts a kernel for a plan; θ is zeros. */
export function createEngine(plan: Plan, layout: Layout, size: { inputs: number; outputs: number }): Engine {
  const memory = createMemory<ConvnetKernel>(code);
  const { kernel } = memory;
  const { input, logits, features: featureImage, steps, images } = plan;
  const theta = new KernelVector(memory, layout);
  const widest = Math.max(...images.map(({ channels }) => rowOf(channels)));
  const floats = Math.max(SCRATCH, 64 * 2 * widest);
  const lifetimes = lifetimesOf(plan);
  const { overwritten, remade } = lifetimes;
  const setting: Setting = {
    ...{ memory, theta, lifetimes },
    scratch: { address: memory.take(floats * 4), floats },
    zeros: memory.take(widest * 4),
    shared: createShared(memory),
    lists: createLists(memory),
    zeroed: new Set(steps.filter(({ step }) => step === "relu").map(({ out }) => out)),
  };
  const parts = steps.map((step) => working(step, setting));
  const firsts = steps.map(({ out }, i) => steps.findIndex((step) => step.out === out) === i);
  const losses = createLosses(memory, size.outputs);
  const bytes = memory.take(size.inputs);
  const numbers = memory.take(size.inputs * 4);
  let room: Room | undefined;
  let row = 0; // room for values on their way in or out
  let rowFloats = 0;

  function roomFor(n: number): Room {
    if (room === undefined || room.examples < n) {
      const examples = room === undefined ? n : Math.max(n, Math.min(2 * room.examples, GROUP));
      room = createRoom(memory, plan, lifetimes, examples);
    }
    return room;
  }

  function read({ x }: Query, to: Placed, i: number): void {
    if (x.length !== size.inputs)
      throw new RangeError(`The network takes ${size.inputs} input values, not ${x.length}.`);
    const pixel = to.values + i * to.bytes;
    if (x instanceof Uint8Array) {
      memory.bytes.set(x, bytes);
      kernel.readBytes(to.record, pixel, bytes, input.channels);
    } else {
      memory.floats.set(x, numbers / 4);
      kernel.readFloats(to.record, pixel, numbers, input.channels);
    }
  }

  /** Borders are written to by others that share the room, and by derivatives. */
  function zeroBorder({ image, record, values }: Placed, n: number): void {
    if (image.border > 0) kernel.zeroBorder(record, values, image.border, n);
  }

  function rowRoom(n: number): number {
    if (n > rowFloats) {
      rowFloats = 2 * n;
      row = memory.take(rowFloats * 4);
    }
    return row;
  }

  /** Adds derivatives by the features to those that are there. */
  function addFeatures(values: Float32Array, to: Placed, n: number): void {
    const address = rowRoom(values.length);
    memory.floats.set(values, address / 4);
    kernel.flattenBackward(to.record, to.deltas, address, values.length / n, to.image.channels, n);
  }

  return {
    memory,
    plan,
    theta,
    losses,
    forward(queries, training) {
      const now = roomFor(queries.length);
      const pass = { room: now, n: queries.length, training };
      zeroBorder(now.of(input), pass.n);
      queries.forEach((query, i) => read(query, now.of(input), i));
      steps.forEach(({ out }, i) => {
        if (firsts[i]) zeroBorder(now.of(out), pass.n);
        parts[i].forward(pass);
      });
      return now;
    },
    backward({ n, training, gradient }, features, inputs = false) {
      const now = roomFor(n);
      const born = new Set<Image>([logits]);
      const zeroed = (image: Image): void => {
        if (born.has(image) || overwritten.has(image)) return;
        born.add(image);
        const { deltaRoom, bytes: each } = now.of(image);
        kernel.zero(deltaRoom, n * each);
      };
      const there = new Set<Image>(); // of the images that are made again
      const ensure = (image: Image): void => {
        const step = remade.get(image);
        if (step === undefined || there.has(image)) return;
        there.add(image);
        for (const other of inputsOf(step)) ensure(other);
        zeroBorder(now.of(image), n);
        parts[steps.indexOf(step)].again?.({ room: now, n, training });
      };
      for (let i = steps.length - 1; i >= 0; i--) {
        const step = steps[i];
        if (!(step.out.learns || inputs)) continue;
        for (const image of readBack(step)) ensure(image);
        if (features && step.out === featureImage && steps.findLastIndex(({ out }) => out === featureImage) === i)
          addFeatures(features, now.of(featureImage), n);
        for (const image of inputsOf(step)) zeroed(image);
        parts[i].backward({ room: now, n, training, gradient, inputs });
      }
      if (features && featureImage === input && inputs) addFeatures(features, now.of(input), n);
    },
    valuesOf(image, n, what) {
      const placed = roomFor(n).of(image);
      const each = image.height * image.width * image.channels;
      const address = rowRoom(n * each);
      kernel.flatten(placed.record, placed[what], address, each, image.channels, n);
      return memory.floats.slice(address / 4, address / 4 + n * each);
    },
    loss(now, term, i, scale) {
      const { values, deltas, bytes: each, channels } = now.of(logits);
      const value = losses.loss(term, values + i * each, deltas + i * each);
      if (!Number.isFinite(value)) throw new DivergedError(value);
      kernel.scale(deltas + i * each, scale * (term.weight ?? 1), channels);
      return value;
    },
  };
}
