/** The properties of a cell that tell how long it may take. */
interface Weighed {
  readonly specId: string;
  readonly learner: string;
  /** Training examples of its stream. */
  readonly examples: number;
}

/** Estimates how long cells take, in seconds, from those that have ended. */
export interface Estimates {
  /** Notes how long a cell took. */
  ended(cell: Weighed, seconds: number): void;
  /** Notes how long a running cell is going to take, by its own prediction. */
  predicted(cell: Weighed, seconds: number): void;
  /** The time of cells of the same spec; null where none is known. */
  measured(cell: Weighed): number | null;
  /**
   * The time of cells of the same spec, else the time per example of the same learner's cells, or of any; null where
   * none has ended.
   */
  expected(cell: Weighed): number | null;
}

export function createEstimates(): Estimates {
  const specs = new Map<string, Sum>();
  const predictions = new Map<string, number>();
  const learners = new Map<string, Sum>();
  const all = new Sum();

  const measured = ({ specId }: Weighed) => specs.get(specId)?.perCell ?? predictions.get(specId) ?? null;
  return {
    ended(cell, seconds) {
      for (const sum of [sumIn(specs, cell.specId), sumIn(learners, cell.learner), all]) sum.add(cell, seconds);
    },
    predicted: ({ specId }, seconds) => predictions.set(specId, seconds),
    measured,
    expected(cell) {
      const known = measured(cell);
      if (known !== null) return known;
      const perExample = learners.get(cell.learner)?.perExample ?? all.perExample;
      return perExample === null ? null : perExample * cell.examples;
    },
  };
}

class Sum {
  #seconds = 0;
  #cells = 0;
  #examples = 0;

  add({ examples }: Weighed, seconds: number): void {
    this.#seconds += seconds;
    this.#cells++;
    this.#examples += examples;
  }

  get perCell(): number {
    return this.#seconds / this.#cells;
  }

  get perExample(): number | null {
    return this.#examples > 0 ? this.#seconds / this.#examples : null;
  }
}

function sumIn(sums: Map<string, Sum>, key: string): Sum {
  const sum = sums.get(key) ?? new Sum();
  sums.set(key, sum);
  return sum;
}
