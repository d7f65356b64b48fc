import type { Example, Network, Query, Target, Term } from "@everlearn/contracts";
import { random } from "@everlearn/random";

/** Examples with float inputs in [−1, 1), a third of them 0, and any labels; every other one has a list of outputs. */
export function someExamples(count: number, network: Network, masked: "some" | "none" = "none"): Example[] {
  const draw = random(12, `examples ${masked}`);
  return Array.from({ length: count }, (_, n) => {
    const x = Float32Array.from({ length: network.inputs }, () => (draw.integer(3) === 0 ? 0 : 2 * draw.uniform() - 1));
    const half = Math.ceil(network.outputs / 2);
    const outputs = [...draw.permutation(network.outputs, half)].sort((a, b) => a - b);
    if (masked === "none" || n % 2 === 1) return { x, y: draw.integer(network.outputs) };
    return { x, y: outputs[draw.integer(half)], outputs };
  });
}

/** The kinds of target, and how to make one of values in [0, 1) for each output. */
const targets = {
  "a class": (_, { y }) => ({ y }),
  "soft targets": (values) => ({ probabilities: shares(values) }),
  "soft targets at a temperature": (values) => ({ probabilities: shares(values), temperature: 2.5 }),
  "target logits": (values) => ({ logits: values.map((value) => 4 * value - 2) }),
  "sigmoid targets": (values) => ({ sigmoids: values.map((value) => Math.min(Math.max(2 * value - 0.5, 0), 1)) }),
} satisfies Record<string, (values: Float32Array, example: Example) => Target>;

export type TargetKind = keyof typeof targets;
const kinds = Object.keys(targets) as TargetKind[];

const shares = (values: Float32Array): Float32Array => {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
};

/** What a target of many values says of an output that takes no part. */
const STRAY = 7;

/**
 * Terms with each kind of target in turn, or with one kind. Every other one is masked, so that ten have all of the
 * combinations; where `weighted`, two of three have a weight other than 1.
 */
export function someTerms(
  count: number,
  network: Network,
  { kind, weighted = false }: { kind?: TargetKind; weighted?: boolean } = {},
): Term[] {
  const draw = random(17, "targets");
  return someExamples(count, network, "some").map((example, n) => {
    const { x, outputs } = example;
    const query: Query = { x, ...(outputs && { outputs }) };
    const values = Float32Array.from({ length: network.outputs }, () => draw.uniform());
    const target: Target = targets[kind ?? kinds[n % kinds.length]](values, example);
    for (const array of Object.values(target))
      if (array instanceof Float32Array && outputs)
        for (let o = 0; o < array.length; o++) if (!outputs.includes(o)) array[o] = STRAY;
    return { ...query, ...target, ...(weighted && n % 3 > 0 && { weight: n % 3 === 1 ? 0.5 : 1.75 }) };
  });
}

/** Terms of every kind, masked or not and with weights: each alone, then some together. */
export function batches(network: Network): Term[][] {
  const terms = someTerms(30, network, { weighted: true });
  return [...terms.map((term) => [term]), terms.slice(0, 10)];
}
