import { digest } from "@everlearn/digest";
import type { PlannedRun } from "./request.js";

/** The fields that all runs of a setting share where the track is closed; of the scenario only the plugin. */
const shared = {
  dataset: "data set",
  stream: "stream",
  scenario: "scenario",
  network: "network",
  optimizer: "optimizer",
  augmentation: "augmentation",
  batchSize: "batch size",
} as const;

type Shared = keyof typeof shared;

/** Lists, in sentences, the differences between runs of a setting in a suite whose track is closed. */
export function trackProblems(runs: readonly PlannedRun[]): string[] {
  if (runs[0]?.spec.protocol?.track !== "closed") return [];
  const firsts = new Map<string, PlannedRun>();
  const problems = new Set<string>();
  for (const run of runs)
    for (const setting of run.spec.settings ?? [""])
      for (const field of Object.keys(shared) as Shared[]) {
        if (!run.spec.network && ["network", "optimizer"].includes(field)) continue; // its learner trains none
        const first = firsts.get(`${setting}/${field}`) ?? run;
        firsts.set(`${setting}/${field}`, first);
        if (identity(run, field) !== identity(first, field)) problems.add(sentence(run, first, shared[field], setting));
      }
  return [...problems];
}

function sentence({ spec, where }: PlannedRun, first: PlannedRun, noun: string, setting: string): string {
  const within = setting === "" ? "" : ` in the setting "${setting}"`;
  const all = Object.values(shared).join(", ");
  return `${where}${spec.name} has another ${noun} than ${first.spec.name}, but the track is closed: all runs${within} share ${all}; give both the same, or make it "track": "open".`;
}

/** A hash that identifies a field. A plugin is identified by its package, not by the name in the spec. */
function identity({ spec, plugins, checksum }: PlannedRun, field: Shared): string {
  const places = Object.entries(plugins).filter(([place]) => place.split("/")[0] === field);
  return digest({
    plugins: Object.fromEntries(places),
    options: field === "scenario" ? null : optionsOf(spec[field] ?? null),
    checksum: field === "dataset" ? checksum : null,
  });
}

function optionsOf(choice: unknown): unknown {
  if (typeof choice !== "object" || choice === null) return choice;
  if (Array.isArray(choice)) return choice.map(optionsOf);
  const { use: _, of, ...options } = choice as Record<string, unknown>;
  return of === undefined ? options : { ...options, of: optionsOf(of) };
}
