import type { AddStep, FlattenStep, PoolStep, ReluStep } from "../plan.js";
import { recordOf } from "../room.js";
import type { Setting, Working } from "./step.js";

/** ReLU. */
export function relu({ in: x, out }: ReluStep, { memory: { kernel } }: Setting): Working {
  return {
    forward({ room, n }) {
      const [from, to] = [room.of(x), room.of(out)];
      kernel.relu(to.record, to.values, from.record, from.values, n);
    },
    backward({ room, n, inputs }) {
      const [from, to] = [room.of(x), room.of(out)];
      kernel.reluBackward(to.record, to.deltas, to.record, to.values, n);
      if (x !== out && (x.learns || inputs))
        kernel.addImages(from.record, from.deltas, from.record, from.deltas, to.record, to.deltas, n);
    },
  };
}

/** The sum of two images. */
export function add({ in: x, other, out }: AddStep, { memory: { kernel } }: Setting): Working {
  return {
    forward({ room, n }) {
      const [a, b, to] = [room.of(x), room.of(other), room.of(out)];
      kernel.addImages(to.record, to.values, a.record, a.values, b.record, b.values, n);
    },
    backward({ room, n, inputs }) {
      const { record, deltas } = room.of(out);
      for (const image of x === out ? [other] : [x, other]) {
        if (!(image.learns || inputs)) continue;
        const to = room.of(image);
        kernel.addImages(to.record, to.deltas, to.record, to.deltas, record, deltas, n);
      }
    },
  };
}

/** The largest, or the mean, of each window. */
export function pool({ step, in: x, out, sweep }: PoolStep, { memory }: Setting): Working {
  const { kernel } = memory;
  const record = memory.take(14 * 4);
  memory.words.set([...recordOf(x), ...recordOf(out), ...sweep.size, sweep.stride, sweep.padding], record / 4);
  return {
    forward({ room, n }) {
      const [from, to] = [room.of(x).values, room.of(out).values];
      if (step === "max pool") kernel.maxPool(record, from, to, n);
      else kernel.averagePool(record, from, to, n);
    },
    backward({ room, n, inputs }) {
      if (!(x.learns || inputs)) return;
      const [from, to] = [room.of(x), room.of(out)];
      const deltas = [from.record, from.deltas, to.record, to.deltas, n] as const;
      if (step === "max pool") kernel.maxPoolBackward(record, from.values, to.values, ...deltas);
      else kernel.averagePoolBackward(record, ...deltas);
    },
  };
}

/** From an image to a row of values. */
export function flatten({ in: x, out }: FlattenStep, { memory: { kernel } }: Setting): Working {
  return {
    forward({ room, n }) {
      const [from, to] = [room.of(x), room.of(out)];
      kernel.flatten(from.record, from.values, to.values, to.example, x.channels, n);
    },
    backward({ room, n, inputs }) {
      if (!(x.learns || inputs)) return;
      const [from, to] = [room.of(x), room.of(out)];
      kernel.flattenBackward(from.record, from.deltas, to.deltas, to.example, x.channels, n);
    },
  };
}
