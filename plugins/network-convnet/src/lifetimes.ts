import { type AnyStep, type Image, inputsOf, type NormStep, type Plan } from "./plan.js";

/** From one moment to another, both included. Step i goes forward at moment i, and back at 2N − 1 − i, for N steps. */
export type Span = readonly [from: number, to: number];

/** When an image's values and derivatives are needed. */
export interface Lifetimes {
  readonly values: ReadonlyMap<Image, readonly Span[]>;
  /** Of images whose derivatives have a place of their own. */
  readonly deltas: ReadonlyMap<Image, Span>;
  /**
   * Convolutions' outputs that go into a normalisation and nowhere else: once that has gone back through them, their values
   * are no longer needed, and derivatives take their place.
   */
  readonly overwritten: ReadonlySet<Image>;
  /** Normalisations whose output is not kept for the way back but made again, which costs one pass over the image. */
  readonly remade: ReadonlyMap<Image, NormStep>;
}

/** How many images, each made of another, may be made again for one. */
const DEPTH = 2;

/** The images whose values a step reads on its way back. */
export function readBack(step: AnyStep): Image[] {
  switch (step.step) {
    case "convolution":
      return step.learns ? [step.in] : [];
    case "norm":
      return step.rectify ? [step.in, step.out] : [step.in];
    case "relu":
      return [step.out];
    case "max pool":
      return [step.in, step.out];
    case "add":
    case "average pool":
    case "flatten":
      return [];
    default:
      return step satisfies never;
  }
}

export function lifetimesOf({ images, steps, input, logits, features }: Plan): Lifetimes {
  const back = (i: number): number => 2 * steps.length - 1 - i;
  const producers = (image: Image): AnyStep[] => steps.filter(({ out }) => out === image);
  const readers = (image: Image): AnyStep[] => steps.filter((step) => inputsOf(step).includes(image));
  const asked = new Set([input, logits, features]);

  const overwritten = new Set(
    images.filter((image) => {
      const [source, ...others] = producers(image);
      const [reader, ...more] = readers(image);
      const alone = others.length === 0 && more.length === 0 && !image.kept;
      return alone && source?.step === "convolution" && reader?.step === "norm" && reader.other !== image;
    }),
  );

  const remade = new Map<Image, NormStep>();
  const depth = new Map<Image, number>();
  for (const step of steps) {
    if (step.step !== "norm" || producers(step.out).length > 1 || step.out.kept || asked.has(step.out)) continue;
    const made = inputsOf(step);
    const below = Math.max(...made.map((image) => depth.get(image) ?? 0));
    // What it is made of must stay as it was: a later step may change it in place.
    const steady = made.every((image) => steps.findLastIndex(({ out }) => out === image) < steps.indexOf(step));
    if (below >= DEPTH || !steady) continue;
    remade.set(step.out, step);
    depth.set(step.out, below + 1);
  }

  /** The moments at which an image's values are read on the way back. */
  const readsBack = new Map<Image, number[]>(images.map((image) => [image, []]));
  steps.forEach((step, i) => {
    for (const image of readBack(step)) readsBack.get(image)?.push(back(i));
  });
  // Whatever is made again reads what it is made of at that moment. Later images come first: they pass it on.
  for (const step of steps.toReversed()) {
    if (step.step !== "norm" || !remade.has(step.out)) continue;
    const moments = readsBack.get(step.out) ?? [];
    if (moments.length === 0) continue;
    for (const image of inputsOf(step)) readsBack.get(image)?.push(Math.min(...moments));
  }

  const values = new Map<Image, Span[]>();
  const deltas = new Map<Image, Span>();
  for (const image of images) {
    const first = Math.max(
      0,
      steps.findIndex(({ out }) => out === image),
    );
    const last = steps.findLastIndex((step) => step.out === image || inputsOf(step).includes(image));
    const forward: Span = [first, asked.has(image) ? steps.length : last];
    const moments = readsBack.get(image) ?? [];
    if (overwritten.has(image)) moments.push(back(first));
    if (moments.length === 0) values.set(image, [forward]);
    else if (remade.has(image)) values.set(image, [forward, [Math.min(...moments), Math.max(...moments)]]);
    else values.set(image, [[first, Math.max(forward[1], ...moments)]]);
    if (overwritten.has(image)) continue;
    const consumer = steps.findLastIndex((step) => inputsOf(step).includes(image));
    const born = image === logits ? steps.length : back(consumer);
    deltas.set(image, [born, image === input ? 2 * steps.length : back(first)]);
  }
  return { values, deltas, overwritten, remade };
}
