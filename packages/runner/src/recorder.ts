import type { LoopState, Schedule } from "@everlearn/loop";
import type { Journal } from "@everlearn/records";

/** Writes evaluations to a run's journal. */
export interface Recorder {
  /** Records R[after], or b. */
  row(after: number | null): void;
  /** Records the i-th intermediate evaluation. */
  intermediate(i: number): void;
  /** Records the i-th window of the prequential evaluation. */
  window(i: number): void;
  /** Records all that the state knows: it is in the journal already, unless the user moved a damaged journal away. */
  everything(): void;
}

export function createRecorder(journal: Journal, schedule: Schedule, state: LoopState): Recorder {
  function row(after: number | null): void {
    const examples = after === null ? 0 : schedule.examplesUpTo(after + 1);
    const accuracy = after === null ? state.initial : state.accuracy[after];
    const confusion = after === null ? undefined : state.confusion?.[after];
    const probe = after === null ? undefined : state.probe?.[after];
    const more = { ...(confusion && { confusion }), ...(probe && { probe }) };
    journal.record({ type: "evaluation", after, examples, accuracy, ...more });
  }

  function intermediate(i: number): void {
    const { experience, examples, accuracy } = state.intermediate[i];
    journal.record({ type: "glance", experience, examples, accuracy });
  }

  function window(i: number): void {
    const score = state.prequential?.windows[i];
    if (score === undefined) return;
    const before = Math.max(
      0,
      schedule.lengths.findLastIndex((_, e) => schedule.examplesUpTo(e) < score.examples),
    );
    journal.record({ type: "prequential", experience: before, ...score });
  }

  return {
    row,
    intermediate,
    window,
    everything() {
      for (const i of state.prequential?.windows.keys() ?? []) window(i);
      if (state.initial.some((accuracy) => accuracy !== null)) row(null);
      for (let experience = 0; experience <= state.accuracy.length; experience++) {
        for (const [i, one] of state.intermediate.entries()) if (one.experience === experience) intermediate(i);
        if (experience < state.accuracy.length) row(experience);
      }
    },
  };
}
