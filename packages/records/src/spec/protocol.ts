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
  description: "How the runs' options were, or are to be, chosen.",
  additionalProperties: false,
  required: ["protocol"],
  properties: {
    protocol: {
      type: "string",
      enum: ["none", "published", "search"],
      description:
        "none: by hand, and that is all that is known; published: as a source says; search: by retained accuracy on seeds of their own, before the official cells run.",
    },
    source: { type: "string", title: "a citation", description: "Of published options: where they were published." },
    trials: {
      type: "integer",
      minimum: 1,
      description: "Of a search: how many points of the space are tried for each run; all, where it has fewer.",
    },
    seeds: { ...seeds, description: "Of a search: the seeds of its trials, none of which is official." },
    validation: {
      type: "number",
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description:
        "Of a search: the fraction of the training examples on which trials are scored and do not train; absent: they are scored on the test examples.",
    },
    firstTasks: {
      type: "integer",
      minimum: 1,
      description:
        "Of a search: trials run on so many first tasks, and the official cells on the others (Chaudhry et al. 2019); absent: both on all.",
    },
    space: {
      ...named(named({ type: "array", title: "a list of values to try", minItems: 1 })),
      description:
        'Of a search, by the run\'s name: paths of options, such as "learner/alpha", each with the values to try. A run that is not named is not searched.',
    },
  },
};

/** The fields that belong to each protocol of tuning. */
const saying: Readonly<Record<Tuning["protocol"], readonly string[]>> = {
  none: [],
  published: ["source"],
  search: ["trials", "seeds", "space"],
};

/** Those that may go with a protocol besides. */
const optional: Readonly<Record<Tuning["protocol"], readonly string[]>> = {
  none: [],
  published: [],
  search: ["validation", "firstTasks"],
};

/** Lists the contradictions between a suite's rules and its runs, a sentence each. */
export function protocolProblems({ tuning }: Protocol, runs: readonly RunSpec[], where: string): string[] {
  if (!tuning) return [];
  const said = Object.keys(tuning).filter((field) => field !== "protocol");
  const needed = saying[tuning.protocol];
  const place = `${where}/protocol/tuning`;
  const wrong = needed.filter((field) => !said.includes(field)).map((field) => `lacks "${field}"`);
  const allowed = [...needed, ...optional[tuning.protocol]];
  wrong.push(...said.filter((field) => !allowed.includes(field)).map((field) => `has "${field}"`));
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
      `${place}/seeds must not contain official seeds, but has ${both.join(", ")}: options chosen on them would flatter.`,
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
  description: "The rules of a suite. None changes what a run computes, except for a budget that ends it.",
  additionalProperties: false,
  properties: {
    suite: { type: "string", description: "The suite's name; the `name` of its file where it is left out." },
    title: { type: "string", description: "The heading of its page." },
    track: {
      type: "string",
      enum: ["closed", "open"],
      description:
        "closed: within a setting all runs share data set, stream, scenario, network, optimizer, augmentation and batch size, or the suite is refused; open: free.",
    },
    minimumEffect: {
      type: "number",
      minimum: 0,
      maximum: 1,
      description:
        "The smallest difference of mean retained accuracy, a fraction, that gives two learners different ranks; 0.",
    },
    checksum: {
      type: "string",
      title: "64 hexadecimal digits",
      pattern: "^[0-9a-f]{64}$",
      description:
        "SHA-256 of the data set's examples, as receipts state it; runs on others are refused, and receipts of others set apart.",
    },
    budget: {
      type: "object",
      description:
        "What each cell may use at most; one that uses more ends there, as over-budget, and scores what guessing scores.",
      additionalProperties: false,
      properties: {
        gradientsPerExample: {
          type: "number",
          exclusiveMinimum: 0,
          description: "Gradients of one example's loss for each training example of the stream.",
        },
        bytes: {
          type: "integer",
          minimum: 1,
          description: "Bytes that networks, optimizer, buffer and learner keep from one example to the next.",
        },
        seconds: {
          type: "number",
          exclusiveMinimum: 0,
          description: "Seconds of working time, which depend on the machine.",
        },
        memory: { type: "integer", minimum: 1, description: "Bytes of memory of the cell's process." },
      },
    },
    tuning,
  },
} as const;
