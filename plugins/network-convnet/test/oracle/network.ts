// The network in plain TypeScript, every operation rounded to float32 by Math.fround: the kernel must match its bits.
import type { Backward, FastPaths, NetworkCore, Query, Random, Term, Vector } from "@everlearn/contracts";
import { lossOf } from "../../../../packages/wasm/test/oracle.js";
import type { Layer } from "../../src/index.js";
import { convolution } from "./convolution.js";
import { type Images, images, type Pass, sizeOf } from "./image.js";
import { norm } from "./norm.js";
import { initial, leaves, type Part, parametersOf, plan, shapeOf } from "./plan.js";
import { averagePool, flatten, maxPool, relu, sum } from "./simple.js";
import { Float32Vector } from "./vector.js";
import { isWinograd, winograd } from "./winograd.js";

const f = Math.fround;

/** The examples that pass through at once, where they do not meet in a batch norm. */
const MOST = 16;

export interface Definition {
  readonly layers: readonly Layer[];
  readonly shape: readonly number[];
  readonly outputs: number;
  readonly initialisation?: "pytorch" | "he";
  /** The name of the layer whose outputs are the features; those before the output layer by default. */
  readonly features?: string;
}

export type Oracle = NetworkCore & Pick<FastPaths, "descend" | "losses"> & Backward & { readonly theta: Float32Vector };

/** What a pass of some examples came to. */
interface Answers {
  readonly pass: Pass;
  readonly input: Images;
  readonly features: Images;
  readonly logits: Images;
}

/** Computes layers one after the other; `found` is told of each layer's output. */
function through(pass: Pass, parts: readonly Part[], x: Images, found: (part: Part, y: Images) => void): Images {
  return parts.reduce((input, part) => {
    const y = one(pass, part, input, found);
    found(part, y);
    return y;
  }, x);
}

function one(pass: Pass, part: Part, x: Images, found: (part: Part, y: Images) => void): Images {
  switch (part.layer.layer) {
    case "conv":
      return isWinograd(part) ? winograd(pass, part, x) : convolution(pass, part, x);
    case "depthwise conv":
      return convolution(pass, part, x);
    case "dense":
      return convolution(pass, part, flatten(pass, x));
    case "batch norm":
    case "group norm":
      return norm(pass, part, x);
    case "relu":
      return relu(pass, x);
    case "max pool":
      return maxPool(pass, part, x);
    case "average pool":
    case "global average":
      return averagePool(pass, part, x);
    case "flatten":
      return flatten(pass, x);
    case "residual":
      break;
  }
  // A norm at the end of a residual comes last, to take the sum along.
  const isNormLast = part.layers.at(-1)?.layer.layer.endsWith("norm") ?? false;
  const end = part.layers.length - (isNormLast ? 1 : 0);
  const before = through(pass, part.layers.slice(0, end), x, found);
  const other = through(pass, part.shortcut, x, found);
  return sum(pass, through(pass, part.layers.slice(end), before, found), other);
}

/** The inputs as numbers. */
function valuesOf({ x }: Query): Float32Array {
  return x instanceof Uint8Array ? Float32Array.from(x, (byte) => f(byte / 255)) : x;
}

/** Batches as they pass: whole, or some examples at a time. */
function portions<E>(batch: readonly E[], whole: boolean): E[][] {
  if (whole) return [[...batch]];
  const count = Math.ceil(batch.length / MOST);
  return Array.from({ length: count }, (_, i) => batch.slice(i * MOST, (i + 1) * MOST));
}

const row = (values: Float32Array, i: number, n: number): Float32Array => values.slice(i * n, (i + 1) * n);

export function oracle(definition: Definition, random: Random): Oracle {
  const { shape, outputs, initialisation = "pytorch", features: name = "" } = definition;
  const input = shapeOf(shape);
  const parts = plan([...definition.layers, { layer: "dense", units: outputs }], input);
  const all = leaves(parts);
  const theta = new Float32Vector(initial(parts, initialisation, random));
  const hasBatchNorm = all.some(({ layer, frozen }) => layer.layer === "batch norm" && !frozen);
  const vector = () => new Float32Vector(new Float32Array(theta.values.length));

  /** @param derivatives ∂L/∂features, which join those of what comes later */
  function forward(batch: readonly Query[], training: boolean, derivatives?: Float32Array): Answers {
    const pass: Pass = { theta: theta.values, training, tape: [] };
    const x = images(batch.length, input);
    batch.forEach((query, i) => x.values.set(valuesOf(query), i * sizeOf(input)));
    let features: Images | undefined;
    const take = (y: Images) => {
      features = y;
      pass.tape.push(() => {
        derivatives?.forEach((derivative, i) => (y.deltas[i] = f(y.deltas[i] + derivative)));
      });
    };
    const last = through(pass, parts.slice(0, -1), x, ({ layer }, y) => {
      if (name !== "" && layer.name === name) take(y);
    });
    if (name === "") take(last);
    const logits = through(pass, parts.slice(-1), last, () => undefined);
    return { pass, input: x, features: features ?? last, logits };
  }

  function back({ pass }: Answers, sums: Float32Array): void {
    for (const step of pass.tape.toReversed()) step(sums);
  }

  /** sums ← sums + scale · ∇ Σ weight · loss. @returns the mean of weight · loss */
  function train(batch: readonly Term[], scale: number, sums: Float32Array): number {
    let loss = 0;
    for (const portion of portions(batch, hasBatchNorm)) {
      const answers = forward(portion, true);
      portion.forEach((term, i) => {
        const { weight = 1 } = term;
        const found = lossOf(row(answers.logits.values, i, outputs), term);
        loss += weight * found.loss;
        found.delta.forEach((delta, o) => (answers.logits.deltas[i * outputs + o] = f(f(scale * weight) * delta)));
      });
      back(answers, sums);
    }
    return loss / batch.length;
  }

  function gradient(batch: readonly Term[], into: Vector): number {
    const { values } = into as Float32Vector;
    values.fill(0);
    return train(batch, 1 / batch.length, values);
  }

  /** Rows of answers of queries that pass in portions. */
  function answer(queries: readonly Query[], of: (answers: Answers) => Images): Float32Array {
    return Float32Array.from(
      portions(queries, false).flatMap((portion) => Array.from(of(forward(portion, false)).values)),
    );
  }
  const logits = (queries: readonly Query[]) => answer(queries, (answers) => answers.logits);

  return {
    theta,
    inputs: sizeOf(input),
    outputs,
    layers: all.map(parametersOf),
    vector,
    gradient,
    logits,
    features: (queries) => answer(queries, ({ features }) => features),
    losses(batch) {
      const z = logits(batch);
      return Float32Array.from(batch, (term, i) => lossOf(row(z, i, outputs), term).loss);
    },
    descend(batch, rate, { clip = Infinity } = {}) {
      if (clip === Infinity && (hasBatchNorm || batch.length <= MOST))
        return train(batch, -rate / batch.length, theta.values);
      const direction = vector();
      const loss = gradient(batch, direction);
      const norm = Math.sqrt(direction.dot(direction));
      theta.add(direction, -rate * (norm > clip ? clip / norm : 1));
      return loss;
    },
    backward(batch, dLogits, dFeatures, into, dInputs) {
      const { values } = into as Float32Vector;
      values.fill(0);
      let at = 0;
      for (const portion of portions(batch, false)) {
        const part = (of: Float32Array) => {
          const n = of.length / batch.length;
          return of.slice(at * n, (at + portion.length) * n);
        };
        const answers = forward(portion, false, dFeatures ? part(dFeatures) : undefined);
        if (dLogits) answers.logits.deltas.set(part(dLogits));
        back(answers, values);
        dInputs?.set(answers.input.deltas, at * sizeOf(input));
        at += portion.length;
      }
    },
    save: () => theta.toArray(),
    load(state) {
      theta.fromArray(state as Float32Array);
    },
    dispose() {
      // It is nothing but arrays.
    },
  };
}
