/** Values that were read: numbers, truth values as 0 and 1, or texts; the last index runs fastest. */
export interface Values {
  /** The first is the number of examples. */
  readonly shape: readonly number[];
  readonly kind: "u" | "i" | "f" | "b" | "U";
  readonly values: ArrayLike<number> | readonly string[];
}

/** A file of named arrays or columns. */
export interface Table {
  readonly path: string;
  readonly names: readonly string[];
  /** Whether it is made of columns, of which several together may be the features. */
  readonly columns: boolean;
  /** Whether what is called so has one value for each example: the shape (n) or (n, 1). */
  flat(name: string): boolean;
  read(name: string): Values | Promise<Values>;
}
