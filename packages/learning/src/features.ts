import type { Input, Need, Network, Query } from "@everlearn/contracts";

/** The option that says where a learner's features come from. */
export const featuresOption = {
  type: "string",
  enum: ["inputs", "network"],
  default: "inputs",
  description: "Where the features come from: the inputs themselves, or the run's network, which is never trained.",
} as const;

/** What a learner with that option needs besides. */
export const featuresNeeds = ({ features }: { readonly features: string }): ("network" & Need)[] =>
  features === "network" ? ["network"] : [];

/** The features of inputs. */
export interface Features {
  /** The number d of features. */
  readonly size: number;
  /** Computes the features of n queries or examples: n × d numbers; bytes stand for byte/255. */
  of(queries: readonly Query[]): Float64Array;
}

/** Takes the inputs themselves, or what the last layer of a network sees, where there is one. */
export function createFeatures({
  inputs,
  network,
}: {
  readonly inputs: number;
  readonly network?: Pick<Network, "features"> | undefined;
}): Features {
  if (network)
    return {
      size: network.features([{ x: new Float32Array(inputs) }]).length,
      of: (queries) => Float64Array.from(network.features(queries)),
    };
  return {
    size: inputs,
    of(queries) {
      const all = new Float64Array(queries.length * inputs);
      for (const [i, { x }] of queries.entries()) write(x, all.subarray(i * inputs, (i + 1) * inputs));
      return all;
    },
  };
}

function write(x: Input, into: Float64Array): void {
  if (x instanceof Uint8Array) for (let j = 0; j < into.length; j++) into[j] = x[j] / 255;
  else into.set(x);
}

/**
 * For each query the class with the highest score among those that have come and that the query asks for, the first of equals;
 * if none of these has come, the first that the query asks for.
 * @param scores one for each query and class, n × `counts.length`
 * @param counts the number of examples of each class so far
 */
export function bestOf(queries: readonly Query[], scores: ArrayLike<number>, counts: ArrayLike<number>): Uint16Array {
  const every = Array.from(counts, (_, c) => c);
  return Uint16Array.from(queries, ({ outputs = every }, i) => {
    let best = -1;
    for (const c of outputs)
      if (counts[c] > 0 && (best < 0 || scores[i * counts.length + c] > scores[i * counts.length + best])) best = c;
    return best < 0 ? outputs[0] : best;
  });
}
