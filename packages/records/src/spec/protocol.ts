import { suggestion } from "./nearest.js";
import type { RunSpec } from "./spec.js";

/** The rules of a suite. None changes what a run computes, but a budget that ends it. */
export interface Protocol {
  /** The suite's name. */
  readonly suite?: string;
  /** What its page is headed with. */
  readonly title?: string;
  /** closed: within a setting, data set, stream, scenario, network, optimizer and batch size are the same for all; open: free. */
  readonly track?: "closed" | "open";
  /** The least difference of mean retained accuracy, a fraction, that gives two learners different ranks; 0. */
  readonly minimumEffect?: number;
  readonly budget?: Budget;
  readonly tuning?: Tuning;
}

/** What each cell may use at most. */
export interface Budget {
  /** Gradients of one example's loss for each training example of the stream. */
  readonly gradientsPerExample?: number;
  /** Bytes that network, optimizer, buffer and learner keep from one example to the next. */
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
export interface Search {
  readonly protocol: "search";
  /** How many points of the space are tried for each run; all, where it has fewer. */
  readonly trials: number;
  readonly seeds: readonly number[];
  /** By the run's name: paths of options, such as "learner/alpha", each with the values to try. */
  readonly space: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
}

const seeds = {
  type: "array",
  minItems: 1,
  maxItems: 10_000,
  uniqueItems: true,
  items: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
};

/** Many objects of this form, by name; names are checked where they are used. */
const named = (schema: object) => ({ type: "object", additionalProperties: schema });

const tuning = {
  type: "object",
  title: 'an object such as {"protocol": "published", "source": "arXiv:1810.11910"}',
  additionalProperties: false,
  required: ["protocol"],
  properties: {
    protocol: { type: "string", enum: ["none", "published", "search"] },
    source: { type: "string", title: "a citation" },
    trials: { type: "integer", minimum: 1 },
    seeds,
    space: named(named({ type: "array", title: "a list of values to try", minItems: 1 })),
  },
};

/** What each protocol of tuning says beside its name. */
const saying: Readonly<Record<Tuning["protocol"], readonly string[]>> = {
  none: [],
  published: ["source"],
  search: ["trials", "seeds", "space"],
};

/** What a suite's rules say that its runs contradict, a sentence each. */
export function protocolProblems({ tuning }: Protocol, runs: readonly RunSpec[], where: string): string[] {
  if (!tuning) return [];
  const said = Object.keys(tuning).filter((field) => field !== "protocol");
  const needed = saying[tuning.protocol];
  const place = `${where}/protocol/tuning`;
  const wrong = needed.filter((field) => !said.includes(field)).map((field) => `lacks "${field}"`);
  wrong.push(...said.filter((field) => !needed.includes(field)).map((field) => `has "${field}"`));
  if (wrong.length > 0) {
    const fields = needed.map((field) => `"${field}"`).join(", ") || "nothing else";
    return [`${place} ${wrong.join(" and ")}; with "protocol": "${tuning.protocol}" goes ${fields}.`];
  }
  if (tuning.protocol !== "search") return [];
  const problems: string[] = [];
  const official = new Set(runs.flatMap((run) => run.seeds));
  const both = tuning.seeds.filter((seed) => official.has(seed));
  if (both.length > 0)
    problems.push(
      `${place}/seeds must have none of the official seeds, but has ${both.join(", ")}: options chosen on them would flatter.`,
    );
  const names = runs.map(({ name }) => name);
  for (const name of Object.keys(tuning.space))
    if (!names.includes(name))
      problems.push(`${place}/space has no run "${name}"${suggestion(name, names, "Its runs")}`);
  return problems;
}

/** The JSON Schema of a suite's `protocol`: which question its runs answer, and by which rules. */
export const protocolSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    suite: { type: "string" },
    title: { type: "string" },
    track: { type: "string", enum: ["closed", "open"] },
    minimumEffect: { type: "number", minimum: 0, maximum: 1 },
    budget: {
      type: "object",
      additionalProperties: false,
      properties: {
        gradientsPerExample: { type: "number", exclusiveMinimum: 0 },
        bytes: { type: "integer", minimum: 1 },
        seconds: { type: "number", exclusiveMinimum: 0 },
        memory: { type: "integer", minimum: 1 },
      },
    },
    tuning,
  },
} as const;
