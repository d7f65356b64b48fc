/** The state of a part: plain values and typed arrays, nothing with behaviour. */
export type State =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | readonly State[]
  | { readonly [key: string]: State | undefined };

/** A part of a run that can stop after any example and later continue with the same bits. */
export interface Stateful {
  /** A copy of everything that later calls depend on. It does not change when the part continues. */
  save(): State;
  /** Takes back a state that `save` of an equally configured part returned. */
  load(state: State): void;
}
