/** Where a run is, for those who watch it. */
export interface Progress {
  readonly name: string;
  readonly seed: number;
  readonly phase: "training" | "evaluating" | "finished";
  /** The task under way, from 0. */
  readonly task: number;
  readonly tasks: number;
  /** Training examples seen, of how many. */
  readonly examples: number;
  readonly total: number;
  /** Training examples per second of training; 0 before the first. */
  readonly examplesPerSecond: number;
  /** An estimate for the rest of the run; null before there is ground for one. */
  readonly secondsLeft: number | null;
  /** Mean test accuracy over the tasks seen so far, at the last evaluation; null before the first. */
  readonly accuracy: number | null;
}

/** Seconds spent in training and in evaluation, and what they foretell. */
export class Pace {
  #training = 0;
  #evaluating = 0;
  #examples = 0;
  #evaluations = 0;

  trained(examples: number, seconds: number): void {
    this.#examples += examples;
    this.#training += seconds;
  }

  evaluated(seconds: number): void {
    this.#evaluations++;
    this.#evaluating += seconds;
  }

  get examplesPerSecond(): number {
    return this.#training > 0 ? this.#examples / this.#training : 0;
  }

  secondsLeft(examples: number, evaluations: number): number | null {
    if (this.#examples === 0 || this.#evaluations === 0) return null;
    return examples / this.examplesPerSecond + (evaluations * this.#evaluating) / this.#evaluations;
  }
}
