import { dirname, resolve } from "node:path";
import { type Choice, isCourseKind, type PartRecord, type PlanRecord } from "@everlearn/composition";
import type { Kind } from "@everlearn/contracts";
import { type Installed, installed } from "@everlearn/host";
import type { PlanRequest } from "./request.js";

/** Tells which tasks may share a process: those that load the code of the same strangers, or of none. */
export interface Groups {
  /** The group of a run that is to be planned, which loads all its plugins. */
  ofSpec(request: PlanRequest): Promise<string>;
  /** The group of a run whose learner is in a process of its own. */
  ofCourse(plan: PlanRecord): string;
}

/** Whether a plugin is one of everlearn's own. */
const isOwn = (name: string): boolean => name.startsWith("@everlearn/");

const single = ["dataset", "stream", "scenario", "network", "optimizer", "learner", "buffer"] as const;

/** @param from the folders in which plugins are looked for after a spec's own */
export function createGroups(from: readonly string[]): Groups {
  const searches = new Map<string, Promise<readonly Installed[]>>();

  function installedFor(folder: string): Promise<readonly Installed[]> {
    const found = searches.get(folder) ?? installed([folder, ...from]);
    searches.set(folder, found);
    return found;
  }

  return {
    async ofSpec({ spec, folder }) {
      const known = await installedFor(resolve(folder));
      const choices: [Kind, Choice][] = [
        ...single.flatMap((kind): [Kind, Choice][] => (spec[kind] ? [[kind, spec[kind]]] : [])),
        ...spec.metrics.map((choice): [Kind, Choice] => ["metric", choice]),
        ...spec.trackers.map((choice): [Kind, Choice] => ["tracker", choice]),
      ];
      const strangers = choices.flatMap(([kind, choice]) => linksOf(choice).map(({ use }) => packageOf(kind, use)));
      function packageOf(kind: Kind, use: string): string {
        const offering = known.filter((one) => one.kind === kind && (one.package === use || one.name === use));
        // Where strangers' packages offer it too, it may be any of them.
        return offering.length > 0 && offering.every((one) => isOwn(one.package)) ? offering[0].package : use;
      }
      return groupOf("plan", strangers);
    },
    ofCourse: ({ parts: { metrics, ...others }, folder }) => {
      const parts = [...Object.values(others as Record<string, PartRecord>), ...metrics];
      const used = parts.filter(({ kind }) => isCourseKind(kind)).flatMap(linksOf);
      return groupOf(
        "course",
        used.map((part) => (isOwn(part.package) ? part.package : dirname(folder) + part.package)),
      );
    },
  };
}

function groupOf(what: string, packages: readonly string[]): string {
  const strangers = [...new Set(packages.filter((name) => !isOwn(name)))].toSorted();
  return strangers.length === 0 ? "everlearn's own" : [what, ...strangers].join("\n");
}

function linksOf<T extends { readonly of?: T }>(part: T): T[] {
  return [part, ...(part.of ? linksOf(part.of) : [])];
}
