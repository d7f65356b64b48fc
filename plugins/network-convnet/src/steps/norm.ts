import { rowOf } from "@everlearn/wasm";
import type { NormStep } from "../plan.js";
import type { Placed } from "../room.js";
import type { Pass, Setting, Working } from "./step.js";

/** A normalisation, and what is added and rectified in its step. */
export function norm(step: NormStep, { memory, theta, lifetimes }: Setting): Working {
  const { kernel } = memory;
  const { group, gamma, beta, running, rectify, other, learns } = step;
  const channels = rowOf(step.in.channels);
  const overwritten = lifetimes.overwritten.has(step.in);
  const record = memory.take(13 * 4);
  const sums = memory.take(4 * channels * 4);
  let sets = 0; // for how many sets of numbers there is room
  let rows = 0;

  /** Writes down where all lies now: θ may have changed places with another vector. */
  function describe(n: number): void {
    const needed = group === 0 ? 1 : n;
    if (needed > sets) {
      sets = needed;
      rows = memory.take(4 * sets * channels * 4);
    }
    const at = (parameter: { readonly offset: number } | undefined) =>
      parameter ? theta.address + parameter.offset * 4 : 0;
    const each = sets * channels * 4;
    const { words, floats } = memory;
    words.set([at(gamma), at(beta), at(running?.mean), at(running?.variance)], record / 4);
    words.set([rows, rows + each, rows + 2 * each, rows + 3 * each, sums, step.in.channels, group], record / 4 + 4);
    floats.set([step.epsilon, step.momentum], record / 4 + 11);
  }

  /** Whether the set's own statistics are taken where there are running ones. */
  const own = ({ training }: Pass): number => Number(training && learns);

  function again({ room, n }: Pass): void {
    const [z, y] = [room.of(step.in), room.of(step.out)];
    const added: Pick<Placed, "record" | "values"> = other ? room.of(other) : { record: 0, values: 0 };
    kernel.normalise(
      ...([record, z.record, z.values, y.record, y.values, added.record, added.values, n, Number(rectify)] as const),
    );
  }

  return {
    forward(pass) {
      const { room, n } = pass;
      const z = room.of(step.in);
      if (running && own(pass) && n * z.image.height * z.image.width === 1)
        throw new RangeError(
          `${step.place} normalises a single value for each channel at batch 1, which leaves nothing of it; use a group norm, or larger batches.`,
        );
      describe(n);
      kernel.findStatistics(record, z.record, z.values, n, own(pass));
      again(pass);
    },
    again,
    backward(pass) {
      const { room, n, gradient, inputs } = pass;
      const [z, y] = [room.of(step.in), room.of(step.out)];
      if (rectify) kernel.reluBackward(y.record, y.deltas, y.record, y.values, n);
      if (other && (other.learns || inputs)) {
        const { record: image, deltas } = room.of(other);
        kernel.addImages(image, deltas, image, deltas, y.record, y.deltas, n);
      }
      if (!(step.in.learns || learns || inputs)) return;
      const [byGamma, byBeta] = learns ? [gradient + gamma.offset * 4, gradient + beta.offset * 4] : [0, 0];
      const into = overwritten ? z.values : z.deltas;
      kernel.normaliseBackward(
        ...([record, z.record, z.values, into, y.record, y.deltas, n, byGamma, byBeta, own(pass)] as const),
      );
    },
  };
}
