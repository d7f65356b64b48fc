import type { Vector } from "@everlearn/contracts";
import * as tf from "@tensorflow/tfjs-core";

/** Where a vector's numbers are kept. */
export interface Cell {
  read(): tf.Tensor1D;
  /** Takes a tensor over, which is then the cell's own. */
  write(tensor: tf.Tensor1D): void;
  dispose(): void;
}

/** Makes vectors of one network, and lets go of them. */
export interface Vectors {
  /** A vector of zeros; its memory comes back when it is collected. */
  create(): TensorVector;
  /** A vector whose numbers are kept elsewhere. */
  over(cell: Cell): TensorVector;
  /** The cell of a vector. @throws TypeError where it is another network's */
  cellOf(v: Vector): Cell;
  /** n × n inner products. */
  gram(vectors: readonly Vector[]): Float64Array;
  dispose(): void;
}

/** Runs what computes on the network's own backend, tensors in between disposed of. */
export type Run = <T>(compute: () => T) => T;

/** A vector in a backend's memory; a class because algorithms call it in their inner loops. */
class TensorVector implements Vector {
  readonly #vectors: Vectors;
  readonly #run: Run;
  readonly cell: Cell;

  constructor(vectors: Vectors, run: Run, cell: Cell) {
    this.#vectors = vectors;
    this.#run = run;
    this.cell = cell;
  }

  /** this ← compute(this, the others) */
  #become(compute: (self: tf.Tensor1D, ...others: tf.Tensor1D[]) => tf.Tensor1D, ...others: readonly Vector[]): void {
    this.#run(() => {
      const tensors = others.map((v) => this.#vectors.cellOf(v).read());
      this.cell.write(tf.keep(compute(this.cell.read(), ...tensors)));
    });
  }

  set(v: Vector): void {
    this.#become((_, source) => tf.clone(source), v);
  }

  swap(v: Vector): void {
    this.#run(() => {
      const other = this.#vectors.cellOf(v);
      const [own, others] = [tf.keep(tf.clone(this.cell.read())), tf.keep(tf.clone(other.read()))];
      this.cell.write(others);
      other.write(own);
    });
  }

  add(v: Vector, scale = 1): void {
    this.#become((self, other) => tf.add(self, scale === 1 ? other : tf.mul(other, scale)), v);
  }

  addProduct(a: Vector, b: Vector, scale = 1): void {
    this.#become(
      (self, left, right) => {
        const product = tf.mul(left, right);
        return tf.add(self, scale === 1 ? product : tf.mul(product, scale));
      },
      a,
      b,
    );
  }

  lerp(from: Vector, t: number): void {
    this.#become((self, start) => tf.add(start, tf.mul(tf.sub(self, start), t)), from);
  }

  lerpBoth(v: Vector, t: number): void {
    this.lerp(v, t);
    v.set(this);
  }

  times(v: Vector | number): void {
    if (typeof v === "number") this.#become((self) => tf.mul(self, v));
    else this.#become((self, other) => tf.mul(self, other), v);
  }

  divide(v: Vector): void {
    // What is 0 is divided by 1.
    this.#become((self, other) => {
      const zero = tf.equal(self, 0);
      return tf.div(self, tf.where(zero, tf.onesLike(other), other));
    }, v);
  }

  sqrt(): void {
    this.#become((self) => tf.sqrt(self));
  }

  map(f: (value: number) => number): void {
    this.fromArray(this.toArray().map((value) => f(value)));
  }

  dot(v: Vector): number {
    return this.#run(() => tf.sum(tf.mul(this.cell.read(), this.#vectors.cellOf(v).read())).dataSync()[0]);
  }

  toArray(): Float32Array {
    return this.#run(() => this.cell.read().dataSync<"float32">().slice());
  }

  fromArray(values: Float32Array): void {
    this.#run(() => {
      const { size } = this.cell.read();
      if (values.length !== size)
        throw new RangeError(`A vector of ${size} parameters cannot take ${values.length} values.`);
      this.cell.write(tf.keep(tf.tensor1d(values.slice())));
    });
  }
}

/** The inner products of n tensors: n × n. */
export function productsOf(tensors: tf.Tensor1D[]): Float64Array {
  if (tensors.length === 0) return new Float64Array();
  const rows = tf.stack(tensors) as tf.Tensor2D;
  return Float64Array.from(tf.matMul(rows, rows, false, true).dataSync());
}

export function createCell(tensor: tf.Tensor1D): Cell {
  let held = tensor;
  return {
    read: () => held,
    write(next) {
      held.dispose();
      held = next;
    },
    dispose() {
      held.dispose();
    },
  };
}

/** @param length the numbers of each vector */
export function createVectors(length: number, run: Run): Vectors {
  const cells = new Set<Cell>();
  const collected = new FinalizationRegistry<Cell>((cell) => {
    if (cells.delete(cell)) cell.dispose();
  });
  const own = new WeakSet<Vector>();
  const over = (cell: Cell) => {
    const vector = new TensorVector(vectors, run, cell);
    own.add(vector);
    return vector;
  };
  const vectors: Vectors = {
    create() {
      const cell = createCell(run(() => tf.keep(tf.zeros<tf.Rank.R1>([length]))));
      cells.add(cell);
      const vector = over(cell);
      collected.register(vector, cell);
      return vector;
    },
    over,
    cellOf(v) {
      if (v instanceof TensorVector && own.has(v)) return v.cell;
      throw new TypeError("A vector of another network was given; vectors meet only those of their own network.");
    },
    gram: (list) => run(() => productsOf(list.map((v) => vectors.cellOf(v).read()))),
    dispose() {
      for (const cell of cells) cell.dispose();
      cells.clear();
    },
  };
  return vectors;
}
