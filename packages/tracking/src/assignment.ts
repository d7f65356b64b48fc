import { createTracker } from "@everlearn/host";
import type { Choice, RunSpec } from "@everlearn/records";
import type { AssignedTracker } from "./syncer.js";

/** A tracker that is yet to be created, and the runs that it is for. */
export interface Assignment {
  readonly choice: Choice;
  /** The folders in which the tracker's plugin is looked for, first to last. */
  readonly searchPath: readonly string[];
  /** The names of the runs; absent: all runs. */
  readonly runs?: readonly string[];
}

/** Adds trackers to specs by name, except where a spec already uses them. */
export function withTrackers(specs: readonly RunSpec[], names: readonly string[] = []): readonly RunSpec[] {
  return specs.map((spec) => {
    const added = names.filter((name) => !spec.trackers.some(({ use }) => use === name)).map((use) => ({ use }));
    return { ...spec, trackers: [...spec.trackers, ...added] };
  });
}

/** The trackers of specs: each appears once, with all the runs that use it with the same options. */
export function assignTrackers(
  specs: readonly RunSpec[],
  searchPathOf: (spec: RunSpec) => readonly string[],
): Assignment[] {
  const assignments = new Map<string, Assignment & { readonly runs: string[] }>();
  for (const spec of specs)
    for (const choice of spec.trackers) {
      const searchPath = searchPathOf(spec);
      const key = JSON.stringify([choice, searchPath]);
      const assignment = assignments.get(key) ?? { choice, searchPath, runs: [] };
      assignment.runs.push(spec.name);
      assignments.set(key, assignment);
    }
  return [...assignments.values()];
}

/** Creates the trackers of assignments. @throws SpecError where there is no such tracker, or it refuses its options */
export async function createTrackers(assignments: readonly Assignment[]): Promise<AssignedTracker[]> {
  const trackers: AssignedTracker[] = [];
  for (const { choice, searchPath, runs } of assignments)
    trackers.push({ tracker: await createTracker(choice, searchPath), runs });
  return trackers;
}
