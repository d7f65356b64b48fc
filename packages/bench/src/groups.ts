import { resolve } from "node:path";
import { chainOf, type Choice, isCourseKind, type PartRecord, type PlanRecord } from "@everlearn/composition";
import type { Kind } from "@everlearn/contracts";
import { type Installed, installed, isPath } from "@everlearn/host";
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
        ...(spec.augmentation ?? []).map((choice): [Kind, Choice] => ["augmentation", choice]),
        ...spec.metrics.map((choice): [Kind, Choice] => ["metric", choice]),
        ...spec.trackers.map((choice): [Kind, Choice] => ["tracker", choice]),
      ];
      const packageOf = (kind: Kind, use: string): string => {
        const offering = known.filter((one) => one.kind === kind && (one.package === use || one.name === use));
        // Where strangers' packages offer it too, it may be any of them.
        if (offering.length > 0 && offering.every((one) => isOwn(one.package))) return offering[0].package;
        return isPath(use) ? resolve(folder, use) : use;
      };
      const strangers = choices.flatMap(([kind, choice]) => chainOf(choice).map(({ use }) => packageOf(kind, use)));
      return groupOf("plan", strangers);
    },
    ofCourse({ parts: { augmentation, metrics, ...others } }) {
      const parts = [...Object.values(others as Record<string, PartRecord>), ...augmentation, ...metrics];
      const used = parts.filter(({ kind }) => isCourseKind(kind)).flatMap(chainOf);
      return groupOf(
        "course",
        used.map((part) => (isOwn(part.package) ? part.package : (part.url ?? part.package))),
      );
    },
  };
}

function groupOf(what: string, packages: readonly string[]): string {
  const strangers = [...new Set(packages.filter((name) => !isOwn(name)))].toSorted();
  return strangers.length === 0 ? "everlearn's own" : [what, ...strangers].join("\n");
}
