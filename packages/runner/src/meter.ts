import type { JournalRecord } from "@everlearn/contracts";

/** The approximate number of training records in a run's journal. */
const RECORDS = 200;

/** The losses since the last record: their sum, and of how many batches it is. */
export interface Losses {
  readonly sum: number;
  readonly batches: number;
}

type Training = Omit<Extract<JournalRecord, { type: "training" }>, "time" | "experience">;

/** Measures the loss and the speed of training, and reports them every so many examples. */
export interface Meter {
  /** The losses since the last record, which a checkpoint has to hold. */
  readonly losses: Losses;
  /**
   * After a batch: `examples` is the number so far, the batch's included, `loss` what the network found, if it computed
   * a gradient. @returns a record, now and then
   */
  trained(batch: number, examples: number, seconds: number, loss: number | undefined): Training | undefined;
}

/** @param total the run's training examples @param before those of the checkpoint that it goes on from */
export function createMeter(total: number, before: Losses = { sum: 0, batches: 0 }): Meter {
  const every = Math.max(1, Math.ceil(total / RECORDS));
  let { sum, batches } = before;
  let [count, time] = [0, 0];
  return {
    get losses() {
      return { sum, batches };
    },
    trained(batch, examples, seconds, loss) {
      count += batch;
      time += seconds;
      if (loss !== undefined) {
        sum += loss;
        batches++;
      }
      if (Math.floor(examples / every) === Math.floor((examples - batch) / every)) return undefined;
      const mean = batches === 0 ? null : inJson(sum / batches);
      const record = {
        type: "training",
        examples,
        loss: mean,
        examplesPerSecond: time > 0 ? count / time : 0,
      } as const;
      [sum, batches, count, time] = [0, 0, 0, 0];
      return record;
    },
  };
}

/** A number as JSON can hold it: as a string where it is not finite. */
function inJson(value: number): Training["loss"] {
  return Number.isFinite(value) ? value : (String(value) as "NaN" | "Infinity" | "-Infinity");
}
