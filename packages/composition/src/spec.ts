import { copy } from "./copy.js";
/** A plugin by its short name, its package or its path, with its options; a part made of another one names that in `of`. */
export type Choice = { readonly use: string; readonly of?: Choice } & { readonly [option: string]: unknown };

/** The rules of when a learner is tested, and on what. */
export interface EvaluationProtocol {
  /**
   * After each experience: all tasks; only its own and the next experience's; or those that have come, of which none has
   * before training. After the last: all. Or no task at any time.
   */
  readonly tasks: "all" | "current-and-next" | "seen" | "none";
  /** Intermediate evaluations of the tasks that have come so far: every so many training examples within an experience; 0: never. */
  readonly every: number;
  /** Test examples of each task that an intermediate evaluation asks about; 0: all there are. */
  readonly examples: number;
  /** Whether each row of R comes with a confusion matrix; absent: no. */
  readonly confusion?: boolean;
  /**
   * After each experience a linear probe of the network's features is trained, on at most so many training examples of each task
   * that has come; absent: none.
   */
  readonly probe?: number;
  /** Absent: none. */
  readonly prequential?: PrequentialProtocol;
}

/** The rules by which each training example is asked about before it is taught. */
export interface PrequentialProtocol {
  /** The examples of a window, from 1. */
  readonly window: number;
  /** How many further examples are asked about before an example's label is told; 0: none. */
  readonly delay: number;
}

/** One run: what `everlearn run` repeats for each seed. Accuracies and ids depend on it, never on where it was written. */
export interface RunSpec {
  /** `[a-z0-9._-]{1,64}`, not "." or "..": it names a folder. */
  readonly name: string;
  readonly description?: string;
  readonly dataset: Choice;
  readonly stream: Choice;
  readonly scenario: Choice;
  /** Absent: the usual one, if the learner needs a network; null: none. */
  readonly network?: Choice | null;
  /** Absent: the network's own SGD. */
  readonly optimizer?: Choice;
  /** Absent: none. What each makes of an input is handed to the next. */
  readonly augmentation?: readonly Choice[];
  readonly learner: Choice;
  readonly buffer?: Choice;
  /** How many examples of the stream the learner observes at once, from 1. */
  readonly batchSize: number;
  readonly evaluation: EvaluationProtocol;
  readonly metrics: readonly Choice[];
  readonly trackers: readonly Choice[];
  /** Each from 0, none twice. */
  readonly seeds: readonly number[];
  /** The run's name in tables; absent: `name`. */
  readonly label?: string;
  /** Runs are compared and ranked within each of these; absent: one setting, the whole suite. */
  readonly settings?: readonly string[];
  /** The rules of the suite that it belongs to. */
  readonly protocol?: Protocol;
  /** SHA-256 (hex) of the suite's rules, as they were written; set where a suite's file is read. */
  readonly suite?: string;
  /** The place that it was read from, for error messages. */
  readonly source?: Source;
}

/** The place in a file that a run's spec was read from. */
export interface Source {
  readonly file: string;
  /** The JSON path of the run in a suite, such as "/runs/1"; "" where the file is a single run. */
  readonly run: string;
  /** The fields that are the run's own; the others are shared by the whole file. */
  readonly own: readonly string[];
}

/** The rules of a suite. None changes what a run computes, except for a budget that ends it. */
export interface Protocol {
  /** The suite's name. */
  readonly suite?: string;
  /** The heading of its page. */
  readonly title?: string;
  /** closed: within a setting, data set, stream, scenario, network, optimizer, augmentation and batch size are the same for all; open: free. */
  readonly track?: "closed" | "open";
  /** The smallest difference of mean retained accuracy, a fraction, that gives two learners different ranks; 0. */
  readonly minimumEffect?: number;
  /** SHA-256 (hex) of the examples of the data set, which all runs share. */
  readonly checksum?: string;
  readonly budget?: Budget;
  readonly tuning?: Tuning;
}

/** The most that each cell may use. */
export interface Budget {
  /** Gradients of one example's loss for each training example of the stream. */
  readonly gradientsPerExample?: number;
  /** Bytes that networks, optimizer, buffer and learner keep from one example to the next. */
  readonly bytes?: number;
  /** Seconds of time; how far a run comes in them depends on the machine. */
  readonly seconds?: number;
  /** Bytes of memory of the cell's process. */
  readonly memory?: number;
}

/** How the runs' options were, or are to be, chosen. */
export type Tuning =
  | { readonly protocol: "none" }
  | { readonly protocol: "published"; readonly source: string }
  | Search;

/** Options are chosen by mean retained accuracy over seeds that are not official ones. */
export interface Search extends TrialData {
  readonly protocol: "search";
  /** How many points of the space are tried for each run; all, where it has fewer. */
  readonly trials: number;
  readonly seeds: readonly number[];
  /** For each run, by its name: paths of options, such as "learner/alpha", each with the values to try. */
  readonly space: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
}

/** What a search's trials run on, where it is not all that the official cells run on. */
export interface TrialData {
  /** Trials are scored on this fraction of the training examples, which they do not train on; absent: on the test examples. */
  readonly validation?: number;
  /** Trials run on so many first tasks, and official cells on the others (Chaudhry et al. 2019); absent: both on all. */
  readonly firstTasks?: number;
}

/** The default evaluation: all tasks after each experience, and none within experiences. */
export const usualEvaluation: EvaluationProtocol = { tasks: "all", every: 0, examples: 0 };

const usualPrequential: PrequentialProtocol = { window: 1000, delay: 0 };

/** The network of a run that names none, where its learner needs one. */
export const usualNetwork: Choice = { use: "mlp", hidden: [100, 100] };

const defaults = {
  dataset: { use: "glyphs" },
  scenario: { use: "domain-il" },
  batchSize: 1,
  metrics: [],
  trackers: [],
  seeds: [0],
};

/** The fields of a run as they were written; null takes an optimizer, an augmentation or a buffer away that others share. */
export type WrittenSpec = Pick<RunSpec, "name" | "stream" | "learner"> & {
  readonly [F in Exclude<keyof RunSpec, "name" | "stream" | "learner" | "evaluation">]?: RunSpec[F] | null;
} & {
  readonly evaluation?: Partial<Omit<EvaluationProtocol, "prequential">> & {
    readonly prequential?: Partial<PrequentialProtocol>;
  };
};

/** A run with the defaults of all fields that were left out. What it says is not checked. */
export function completeSpec({ buffer, optimizer, augmentation, ...written }: WrittenSpec): RunSpec {
  return {
    ...copy(defaults),
    ...written,
    evaluation: evaluationOf(written.evaluation),
    ...(optimizer ? { optimizer } : {}),
    ...(augmentation && augmentation.length > 0 ? { augmentation } : {}),
    ...(buffer ? { buffer } : {}),
  } as RunSpec;
}

/** An evaluation with its defaults. What it does without is left out, as before there was such a choice. */
function evaluationOf({
  confusion = false,
  probe = 0,
  prequential,
  ...written
}: WrittenSpec["evaluation"] = {}): EvaluationProtocol {
  return {
    ...usualEvaluation,
    ...written,
    ...(confusion && { confusion }),
    ...(probe !== 0 && { probe }),
    ...(prequential && { prequential: { ...usualPrequential, ...prequential } }),
  };
}
