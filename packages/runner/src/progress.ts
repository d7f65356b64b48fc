/** The progress of a run. */
export interface Progress {
  readonly name: string;
  readonly seed: number;
  readonly phase: "training" | "evaluating" | "finished";
  /** The experience under way, from 0. */
  readonly experience: number;
  readonly experiences: number;
  /** The word for an experience: "task" where each task has one and they come in order. */
  readonly unit: "task" | "experience";
  /** Training examples seen, of how many. */
  readonly examples: number;
  readonly total: number;
  /** Training examples per second of training; 0 before the first. */
  readonly examplesPerSecond: number;
  /** Working time so far, what came before a stop included. */
  readonly seconds: number;
  /** An estimate for the rest of the run; null before there is ground for one. */
  readonly secondsLeft: number | null;
  /**
   * Mean test accuracy over the tasks so far that the last evaluation asked about; null before the first, also of a run
   * that goes on.
   */
  readonly accuracy: number | null;
}

/** Measures the time of training and of evaluation, and estimates what is left. */
export class Pace {
  #training = 0;
  #evaluatingBetween = 0;
  #evaluating = 0;
  #examples = 0;
  #questions = 0;

  trained(examples: number, seconds: number): void {
    this.#examples += examples;
    this.#training += seconds;
  }

  intermediate(seconds: number): void {
    this.#evaluatingBetween += seconds;
  }

  evaluated(questions: number, seconds: number): void {
    this.#questions += questions;
    this.#evaluating += seconds;
  }

  get examplesPerSecond(): number {
    return this.#training > 0 ? this.#examples / this.#training : 0;
  }

  /** The time for so many more examples, with the intermediate evaluations between them, and questions of evaluations. */
  secondsLeft(examples: number, questions: number): number | null {
    if (this.#examples === 0 || this.#questions === 0) return null;
    const perExample = (this.#training + this.#evaluatingBetween) / this.#examples;
    return examples * perExample + (questions * this.#evaluating) / this.#questions;
  }
}
