import type { Prequential, PrequentialScore } from "@everlearn/contracts";

/** Answers counted by class: how many examples each had, how often it was answered, and how often rightly. */
export interface AnswerCounts {
  examples: number[];
  answers: number[];
  right: number[];
}

/** What a prequential evaluation has found so far: plain data. */
export interface PrequentialState {
  /** The experience's examples that have been asked about. */
  asked: number;
  all: AnswerCounts;
  /** The window under way. */
  window: AnswerCounts;
  windows: PrequentialScore[];
}

/** Before anything has been asked. @param classes the number of outputs */
export function initialPrequential(classes: number): PrequentialState {
  return { asked: 0, all: noCounts(classes), window: noCounts(classes), windows: [] };
}

function noCounts(classes: number): AnswerCounts {
  const zeros = () => new Array<number>(classes).fill(0);
  return { examples: zeros(), answers: zeros(), right: zeros() };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * AnswerCounts an answer.
 * @param window the examples of a window
 * @returns whether a window has ended with it; what was found there is the last of `windows`
 */
export function countAnswer(state: PrequentialState, answer: number, right: number, window: number): boolean {
  for (const counts of [state.all, state.window]) {
    counts.examples[right]++;
    counts.answers[answer]++;
    if (answer === right) counts.right[right]++;
  }
  if (sum(state.window.examples) < window) return false;
  state.windows.push(scoreOf(state.window, sum(state.all.examples)));
  state.window = noCounts(state.all.examples.length);
  return true;
}

/**
 * κ = (p − p_c)/(1 − p_c) with p_c = Σ_c (share of c among the examples) · (share of c among the answers) (Cohen 1960), and
 * κ_m = (p − p_m)/(1 − p_m) with p_m the share of the most frequent class (Bifet et al. 2015).
 */
function scoreOf({ examples, answers, right }: AnswerCounts, upTo: number): PrequentialScore {
  const n = sum(examples);
  const accuracy = sum(right) / n;
  const byChance = examples.reduce((total, count, c) => total + (count / n) * (answers[c] / n), 0);
  const byMajority = Math.max(...examples) / n;
  const beyond = (baseline: number): number | null => (baseline === 1 ? null : (accuracy - baseline) / (1 - baseline));
  return { examples: upTo, accuracy, kappa: beyond(byChance), kappaM: beyond(byMajority) };
}

/** What was found in all; undefined where nothing was asked. */
export function prequentialOf(state: PrequentialState | undefined): Prequential | undefined {
  if (state === undefined || sum(state.all.examples) === 0) return undefined;
  const { examples, answers, right } = state.all;
  return {
    ...scoreOf(state.all, sum(examples)),
    classes: examples.map((count, c) => ({ examples: count, answers: answers[c], right: right[c] })),
    windows: [...state.windows],
  };
}
