import { DivergedError, type Query, type Term } from "@everlearn/contracts";
import { createLosses, createMemory, KernelVector, type Layout, type Losses, type Memory } from "@everlearn/wasm";
import type { ConvnetKernel } from "./kernel.js";
import { kernel as code } from "./kernel.wasm.js";
import { lifetimesOf, readBack } from "./lifetimes.js";
import { type AnyStep, type Image, inputsOf, type Plan } from "./plan.js";
import { createRoom, type Placed, type Room } from "./room.js";
import { convolution } from "./steps/convolution.js";
import { norm } from "./steps/norm.js";
import { add, flatten, pool, relu } from "./steps/others.js";
import { createSetting } from "./steps/setting.js";
import type { BackwardPass, Pass, Setting, Working } from "./steps/step.js";
import { createTransfer, type Transfer } from "./transfer.js";

/** Examples that pass together where they do not depend on each other: their images stay in the caches. */
export const GROUP = 16;

/** What a way back is asked for, beside the pass itself. */
interface Wanted {
  /** The vector's address to whose numbers the gradient is added; it may be θ's. */
  readonly gradient: number;
  /** Derivatives by the features, a row for each example. */
  readonly features?: Float32Array | undefined;
  /** Whether derivatives by the inputs are wanted. */
  readonly inputs?: boolean;
}

/** A kernel with a network's steps: what all that the network computes has in common. */
export interface Engine {
  readonly memory: Memory<ConvnetKernel>;
  readonly plan: Plan;
  readonly theta: KernelVector;
  readonly losses: Losses;
  readonly transfer: Transfer;
  /** Takes queries forward, in training or only to be answered. */
  forward(queries: readonly Query[], training: boolean): Pass;
  /** Takes a pass back, from the derivatives by the logits, which stand in their place. */
  backward(pass: Pass, wanted: Wanted): void;
  /** The loss of a term whose logits are those of example `i`; fills its derivatives, times `scale` and its weight. */
  loss(pass: Pass, term: Term, i: number, scale: number): number;
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
    case "max pool":
    case "average pool":
      return pool(step, setting);
    default:
      return step satisfies never;
  }
}

/** Starts a kernel for a plan; θ is zeros. */
export function createEngine(plan: Plan, layout: Layout, size: { inputs: number; outputs: number }): Engine {
  const memory = createMemory<ConvnetKernel>(code);
  const { kernel } = memory;
  const { input, logits, features: featureImage, steps } = plan;
  const theta = new KernelVector(memory, layout);
  const lifetimes = lifetimesOf(plan);
  const setting = createSetting(memory, theta, plan, lifetimes);
  const parts = steps.map((step) => working(step, setting));
  /** The steps that begin their output, and those that end the features. */
  const beginning = steps.map(({ out }, i) => steps.findIndex((step) => step.out === out) === i);
  const endOfFeatures = steps.findLastIndex(({ out }) => out === featureImage);
  const losses = createLosses(memory, size.outputs);
  const transfer = createTransfer(memory, size.inputs);
  let room: Room | undefined;

  function roomFor(n: number): Room {
    if (room === undefined || room.examples < n) {
      const examples = room === undefined ? n : Math.max(n, Math.min(2 * room.examples, GROUP));
      room = createRoom(memory, plan, lifetimes, examples);
    }
    return room;
  }

  /** Borders are written to by others that share the room, and by derivatives. */
  function zeroBorder({ image, record, values }: Placed, n: number): void {
    if (image.border > 0) kernel.zeroBorder(record, values, image.border, n);
  }

  /** Sets derivatives to zeros, and makes images again, before they are first used on a way back. */
  function preparing(pass: Pass): { deltas(image: Image): void; values(image: Image): void } {
    const zeroed = new Set<Image>([logits, ...lifetimes.overwritten]);
    const there = new Set<Image>();
    const values = (image: Image): void => {
      const step = lifetimes.remade.get(image);
      if (step === undefined || there.has(image)) return;
      there.add(image);
      for (const other of inputsOf(step)) values(other);
      zeroBorder(pass.room.of(image), pass.n);
      parts[steps.indexOf(step)].again?.(pass);
    };
    const deltas = (image: Image): void => {
      if (zeroed.has(image)) return;
      zeroed.add(image);
      const { deltaRoom, bytes } = pass.room.of(image);
      kernel.zero(deltaRoom, pass.n * bytes);
    };
    return { deltas, values };
  }

  return {
    ...{ memory, plan, theta, losses, transfer },
    forward(queries, training) {
      const pass = { room: roomFor(queries.length), n: queries.length, training };
      const to = pass.room.of(input);
      zeroBorder(to, pass.n);
      queries.forEach((query, i) => transfer.read(query, to, i));
      parts.forEach((part, i) => {
        if (beginning[i]) zeroBorder(pass.room.of(steps[i].out), pass.n);
        part.forward(pass);
      });
      return pass;
    },
    backward(pass, { gradient, features, inputs = false }) {
      const back: BackwardPass = { ...pass, gradient, inputs };
      const prepare = preparing(pass);
      const addFeatures = () => features && transfer.addDeltas(features, pass.room.of(featureImage), pass.n);
      for (let i = steps.length - 1; i >= 0; i--) {
        const step = steps[i];
        if (!(step.out.learns || inputs)) continue;
        readBack(step).forEach(prepare.values);
        if (i === endOfFeatures) addFeatures();
        inputsOf(step).forEach(prepare.deltas);
        parts[i].backward(back);
      }
      if (endOfFeatures < 0 && inputs) addFeatures(); // the features are the inputs
    },
    loss({ room: at }, term, i, scale) {
      const { values, deltas, bytes, channels } = at.of(logits);
      const value = losses.loss(term, values + i * bytes, deltas + i * bytes);
      if (!Number.isFinite(value)) throw new DivergedError(value);
      kernel.scale(deltas + i * bytes, scale * (term.weight ?? 1), channels);
      return value;
    },
  };
}
