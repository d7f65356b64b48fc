import type { Example, Input, Query } from "@everlearn/contracts";

/** The inputs of queries or examples in a frame: their kind, the number of values in each, and what each is told. */
export interface Packed {
  readonly count: number;
  readonly values: "uint8" | "float32";
  readonly size: number;
  /** The task of each, null where it is not told; absent where none is. */
  readonly task?: readonly (number | null)[];
  /** Lists of outputs among which answers are sought, and for each query the list's place, null for all; absent: all. */
  readonly outputs?: { readonly lists: readonly (readonly number[])[]; readonly of: readonly (number | null)[] };
  /** The right output of each example; absent for queries. */
  readonly y?: readonly number[];
}

/** Makes what packs queries or examples. A body is valid until the next is packed. */
export function createPacker(): (queries: readonly (Query | Example)[]) => { packed: Packed; body: Uint8Array } {
  let kept = new ArrayBuffer(2 ** 16);
  return (queries) => {
    const first: Input | undefined = queries[0]?.x;
    const size = first?.length ?? 0;
    const bytes = size * (first?.BYTES_PER_ELEMENT ?? 1);
    const length = bytes * queries.length;
    if (length > kept.byteLength) kept = new ArrayBuffer(2 * length);
    const body = new Uint8Array(kept, 0, length);
    const lists: (readonly number[])[] = [];
    const places = new Map<readonly number[], number>();
    const of: (number | null)[] = [];
    for (const [i, { x, outputs }] of queries.entries()) {
      body.set(new Uint8Array(x.buffer, x.byteOffset, x.byteLength), i * bytes);
      if (!outputs) {
        of.push(null);
        continue;
      }
      let place = places.get(outputs);
      if (place === undefined) {
        place = lists.findIndex((list) => list.length === outputs.length && list.every((o, j) => o === outputs[j]));
        if (place < 0) place = lists.push(outputs) - 1;
        places.set(outputs, place);
      }
      of.push(place);
    }
    const task = queries.map((query) => query.task ?? null);
    const y = queries.flatMap((query) => ("y" in query ? query.y : []));
    return {
      packed: {
        ...{ count: queries.length, values: first instanceof Float32Array ? "float32" : "uint8", size },
        ...(task.some((one) => one !== null) && { task }),
        ...(lists.length > 0 && { outputs: { lists, of } }),
        ...(y.length > 0 && { y }),
      },
      body,
    };
  };
}

/** Unpacks examples, whose inputs lie in the body. */
export function unpackExamples({ y = [], ...packed }: Packed, body: Uint8Array<ArrayBuffer>): Example[] {
  return unpackQueries(packed, body).map((query, i) => ({ ...query, y: y[i] }));
}

/** Unpacks queries, whose inputs lie in the body. */
export function unpackQueries(packed: Packed, { buffer, byteOffset }: Uint8Array<ArrayBuffer>): Query[] {
  const { count, values, size, task, outputs } = packed;
  const width = values === "float32" ? 4 : 1;
  return Array.from({ length: count }, (_, i): Query => {
    const at = byteOffset + i * size * width;
    const x = values === "float32" ? new Float32Array(buffer, at, size) : new Uint8Array(buffer, at, size);
    const [own, place] = [task?.[i] ?? null, outputs?.of[i] ?? null];
    return {
      x,
      ...(own !== null && { task: own }),
      ...(outputs && place !== null && { outputs: outputs.lists[place] }),
    };
  });
}
