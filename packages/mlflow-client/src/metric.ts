import { invalid } from "./error.js";

/** A value of a metric, as MLflow keeps it. */
export interface Metric {
  readonly key: string;
  /** May be NaN where another client logged that; MLflow keeps ±Infinity as ±1.797…e308. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
  /** What it was measured on, and of which logged model, if that was said. */
  readonly datasetName?: string;
  readonly datasetDigest?: string;
  readonly modelId?: string;
  readonly runId?: string;
}

/** A value of a metric, to be logged. */
export interface NewMetric {
  /** At most 250 characters: letters, digits, and `_ - . / :` and spaces. */
  readonly key: string;
  /** Finite: see `completed`. */
  readonly value: number;
  /** Milliseconds since 1970, whole; the moment of the call by default, whatever number of attempts it takes. */
  readonly timestamp?: number | undefined;
  /** Whole; 0 by default. */
  readonly step?: number | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
  readonly modelId?: string | undefined;
}

/** A value of a metric, with time and step. */
export type TimedMetric = NewMetric & { readonly timestamp: number; readonly step: number };

/**
 * The metric with its time and step, which then stay the same in every attempt: MLflow keeps equal points once.
 * @throws MlflowError where a number is none that MLflow keeps as it is. Its server would take ±Infinity for ±1.8e308
 * and would store a point that it cannot read as 0 at step 0, and its pages break on NaN.
 */
export function completed(metric: NewMetric, now: number): TimedMetric {
  const { key, value, timestamp = now, step = 0 } = metric;
  const name = `The metric ${JSON.stringify(key)}`;
  if (!Number.isFinite(value))
    throw invalid(
      `${name} is ${String(value)} at step ${step}, which MLflow does not keep as a number; log it as a tag.`,
    );
  if (!Number.isSafeInteger(step)) throw invalid(`${name} has the step ${step}; steps are whole numbers.`);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw invalid(`${name} has the timestamp ${timestamp}; timestamps are whole milliseconds since 1970.`);
  return { ...metric, timestamp, step };
}

/** As MLflow sends it: numbers that JSON has no word for are strings. */
export type SentMetric = Omit<Metric, "value"> & { readonly value: number | string };
export const readMetric = (sent: SentMetric): Metric => ({ ...sent, value: Number(sent.value) });
