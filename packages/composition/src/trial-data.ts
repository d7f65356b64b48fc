import type { Choice, RunSpec, TrialData } from "./spec.js";

const taskRange = "@everlearn/stream-task-range";
const validation = "@everlearn/dataset-validation";

/** What a run's suite says of the data of its trials. */
function trialDataOf({ protocol }: RunSpec): TrialData {
  return protocol?.tuning?.protocol === "search" ? protocol.tuning : {};
}

/** Whether trials run on other data than official cells. */
export function hasOwnTrialData(run: RunSpec): boolean {
  const { validation: fraction, firstTasks } = trialDataOf(run);
  return fraction !== undefined || firstTasks !== undefined;
}

/** The stream as the suite's file has it: that of which official cells run the tasks behind the first ones. */
function wholeStream({ stream }: RunSpec, firstTasks: number): Choice {
  return stream.use === taskRange && stream.from === firstTasks && stream.of ? stream.of : stream;
}

/** The run without the tasks on which its options are tuned. Done twice, it changes nothing more. */
export function officialRun(run: RunSpec): RunSpec {
  const { firstTasks } = trialDataOf(run);
  if (firstTasks === undefined) return run;
  return { ...run, stream: { use: taskRange, from: firstTasks, of: wholeStream(run, firstTasks) } };
}

/** The run as its file has it, before `officialRun`: paths of options lead into its parts. */
export function writtenRun(run: RunSpec): RunSpec {
  const { firstTasks } = trialDataOf(run);
  return firstTasks === undefined ? run : { ...run, stream: wholeStream(run, firstTasks) };
}

/** The run on the data of trials: its first tasks, with training examples held out in the place of the test. */
export function trialRun(run: RunSpec): RunSpec {
  const { validation: fraction, firstTasks } = trialDataOf(run);
  const { checksum: _, ...protocol } = run.protocol ?? {}; // of the official data
  return {
    ...run,
    ...(fraction === undefined ? {} : { dataset: { use: validation, fraction, of: run.dataset }, protocol }),
    ...(firstTasks === undefined
      ? {}
      : { stream: { use: taskRange, tasks: firstTasks, of: wholeStream(run, firstTasks) } }),
  };
}
