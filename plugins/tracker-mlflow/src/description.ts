import { createHash } from "node:crypto";
import type { JournalRecord } from "@everlearn/contracts";
import type { DatasetInput, RunStatus, Tag } from "@everlearn/mlflow-client";
import { keyOf, paramOf, tagOf } from "./names.js";

export type Start = Extract<JournalRecord, { type: "start" }>;

/** The parts of a spec that a description needs. */
interface Spec {
  readonly seeds?: readonly number[];
  readonly protocol?: { readonly suite?: string };
  readonly description?: string;
  readonly [part: string]: unknown;
}

/** By this tag a run is found again: it stands for one journal, wherever its folder is moved or copied to. */
export const identityOf = (start: Start): Tag => ({
  key: "everlearn.journal",
  value: createHash("sha256").update(JSON.stringify(start)).digest("hex"),
});

/** The suite that a run belongs to, by name; a run of several seeds alone is a suite by itself; undefined: neither. */
export function suiteOf({ name, spec }: Start): string | undefined {
  const { protocol, seeds = [] } = spec as Spec;
  return protocol?.suite ?? (seeds.length > 1 ? name : undefined);
}

export const nameOf = ({ name, seed }: Start): string => `${name} seed ${seed}`;

/** What the run was asked to do. */
export function tagsOf(start: Start): Tag[] {
  const { spec, plugins, commit } = start;
  const suite = suiteOf(start);
  const { description } = spec as Spec;
  const tags: Record<string, string | undefined> = {
    "everlearn.specId": start.specId,
    "everlearn.cellId": start.cellId,
    "everlearn.seed": String(start.seed),
    "everlearn.run": start.name,
    "everlearn.suite": suite,
    "mlflow.source.name": "everlearn",
    "mlflow.source.type": "LOCAL",
    "mlflow.source.git.commit": commit,
    "mlflow.note.content": description,
  };
  for (const [place, { name }] of Object.entries(plugins)) tags[`everlearn.${place}`] = name;
  return Object.entries(tags).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key: keyOf(key), value: tagOf(value) }],
  );
}

/** Fields of a spec that say who it is and how it is compared, and nothing of what is run. */
const aside = new Set(["$schema", "name", "label", "description", "settings", "protocol", "seeds", "trackers"]);

/** Every resolved option, by its path in the spec with dots between: `learner` is the learner's name, `learner.alpha` its rate. */
export function paramsOf({ spec, seed }: Start): Tag[] {
  const params: Tag[] = [{ key: "seed", value: String(seed) }];
  function add(path: string, value: unknown): void {
    if (typeof value === "object" && value !== null && !(Array.isArray(value) && value.every(isPlain))) {
      for (const [key, inner] of Object.entries(value)) add(key === "use" ? path : `${path}.${key}`, inner);
      return;
    }
    params.push({ key: keyOf(path), value: paramOf(typeof value === "string" ? value : JSON.stringify(value)) });
  }
  for (const [field, value] of Object.entries(spec as Spec)) if (!aside.has(field)) add(field, value);
  return params;
}

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;

/** The run's data set. MLflow's digests have 36 characters: the first of its SHA-256, which stands whole in `source`. */
export function datasetOf({ spec, plugins, checksum, tasks }: Start): DatasetInput {
  const { use, ...options } = (spec as { dataset: { use: string } }).dataset;
  const { package: from, version } = plugins.dataset ?? {};
  const every = new Set(tasks.flat());
  return {
    dataset: {
      name: use.slice(-500),
      digest: checksum.slice(0, 36),
      sourceType: "everlearn",
      source: JSON.stringify({ package: from, version, options, sha256: checksum }),
      profile: JSON.stringify({ tasks: every.size, experiences: tasks.length }),
    },
    tags: [{ key: "mlflow.data.context", value: "training" }],
  };
}

/** How a run stands. */
export interface State {
  readonly status: RunStatus;
  readonly endTime?: number;
  readonly tags: readonly Tag[];
}

/** A run without an end, at which nobody works, was killed or stopped: it may be resumed. */
export function stateOf(records: readonly JournalRecord[], running: boolean): State {
  if (running) return { status: "RUNNING", tags: [] };
  const last = records[records.length - 1];
  if (last.type === "end")
    return {
      status: "FINISHED",
      endTime: Date.parse(last.time),
      tags: [{ key: "everlearn.digest", value: last.digest }],
    };
  if (last.type === "failed")
    return {
      status: "FAILED",
      endTime: Date.parse(last.time),
      tags: [{ key: "everlearn.message", value: tagOf(last.message) }],
    };
  return { status: "KILLED", endTime: Date.parse(last.time), tags: [] };
}
