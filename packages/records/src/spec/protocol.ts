import { type Protocol, type RunSpec, suggestion, type Tuning } from "@everlearn/composition";

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
