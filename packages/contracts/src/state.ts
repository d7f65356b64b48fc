/** What a part of a run saves: plain values and typed arrays, nothing that has behaviour. */
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

/** A part of a run that can stop after any example and go on later with the same bits. */
export interface Stateful {
  /** A copy of everything that later calls depend on; it does not change when the part goes on. */
  save(): State;
  /** Takes back what `save` of an equally configured part answered. */
  load(state: State): void;
}
