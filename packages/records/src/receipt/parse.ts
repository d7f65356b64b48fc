import { type Check, checker, digest, protocolSchema } from "@everlearn/host";
import type { Receipt } from "@everlearn/leaderboard";
import { sealOf } from "@everlearn/runner";
import { answersOf } from "./answers.js";

/** What may be a receipt, and where it stands. */
export interface Text {
  readonly text: string;
  /** Its file, and the line where the file has several: "results/mer.jsonl:3". */
  readonly where: string;
}

/** A receipt and where it stands. */
export interface FoundReceipt {
  readonly receipt: Receipt;
  /** Its file, and the line where the file has several: "results/mer.jsonl:3". */
  readonly where: string;
}

/** A receipt, or a file, that cannot be believed; the others can. */
export interface ReceiptProblem {
  /** A sentence that begins with the place. */
  readonly problem: string;
}

const forbidden = new Set(["__proto__", "constructor", "prototype"]);
/** Whether a text may hold such a key, written plainly or with escapes; few do, and to look at every key takes long. */
const suspicious = /__proto__|constructor|prototype|\\u/;

const hash = { type: "string", title: "64 hexadecimal digits", pattern: "^[0-9a-f]{64}$" };
const count = { type: "integer", minimum: 0 };
const fraction = { type: ["number", "null"], title: "a fraction from 0 to 1, or null", minimum: 0, maximum: 1 };
const list = (items: object) => ({ type: "array", items });
const choice = { type: "object", required: ["use"], properties: { use: { type: "string" } } };
const text = { type: "string" };
const plugin = {
  type: "object",
  required: ["name", "package", "version"],
  properties: { name: text, package: text, version: text },
};
/** What tables and pages rely on; whatever else a receipt says is kept. */
const schema = {
  type: "object",
  title: "an object",
  required: ["name", "seed", "specId", "cellId", "spec", "metrics", "seconds", "environment"],
  properties: {
    name: { type: "string", title: "a run's name", pattern: "^(?!\\.{1,2}$)[a-z0-9._-]{1,64}$" },
    seed: { ...count, maximum: Number.MAX_SAFE_INTEGER },
    specId: hash,
    cellId: hash,
    spec: {
      type: "object",
      required: ["name", "dataset", "stream", "scenario", "learner"],
      properties: {
        name: { type: "string" },
        description: { type: "string" },
        label: { type: "string" },
        protocol: protocolSchema,
        settings: list({ type: "string" }),
        dataset: choice,
        stream: choice,
        scenario: choice,
        learner: choice,
        buffer: { ...choice, properties: { ...choice.properties, capacity: count } },
      },
    },
    plugins: { type: "object", additionalProperties: plugin },
    status: { type: "string", enum: ["finished", "diverged", "over-budget"] },
    message: { type: "string" },
    chance: { type: "number", minimum: 0, maximum: 1 },
    accuracy: list(list(fraction)),
    initial: list(fraction),
    tasks: list(list(count)),
    glances: list({
      type: "object",
      required: ["examples", "experience", "accuracy"],
      properties: { examples: count, experience: count, accuracy: list(fraction) },
    }),
    metrics: { type: "object", additionalProperties: { type: ["number", "null"] } },
    predictions: {
      type: "object",
      required: ["count", "sha256"],
      properties: { count, sha256: hash, deflated: { type: "string" } },
    },
    taskLabels: {
      type: "object",
      required: ["training", "test", "boundaries"],
      properties: { training: count, test: count, boundaries: count },
    },
    gradients: count,
    bytes: count,
    seconds: { type: "number", minimum: 0 },
    digest: hash,
    checksum: { type: "string" },
    environment: { type: "object", additionalProperties: { type: "string" } },
    commit: { type: "string" },
    seal: hash,
  },
};
let check: Check | undefined;

/** A receipt of this text, whole and unchanged as far as can be seen without running it again. */
export function parsed({ text, where }: Text): FoundReceipt | ReceiptProblem {
  let value: unknown;
  try {
    value = suspicious.test(text) ? JSON.parse(text, allowed) : JSON.parse(text);
  } catch (error) {
    return { problem: `${where} is damaged, or no receipt: ${(error as Error).message}.` };
  }
  check ??= checker(schema, "field");
  const [problem] = check(value, `${where}: `);
  if (problem !== undefined) return { problem };
  const receipt = value as Receipt;
  const { seed, specId, cellId, seal, predictions } = receipt;
  if (cellId !== digest({ specId, seed }))
    return {
      problem: `${where} is no cell's receipt: its cellId does not follow from its specId and its seed, ${seed}.`,
    };
  if (seal !== undefined && seal !== sealOf({ ...receipt }))
    return { problem: `${where} was changed after it was written: its seal does not fit.` };
  // The seal is over their hash.
  if (predictions?.deflated !== undefined && answersOf(predictions) === undefined)
    return {
      problem: `${where} was changed after it was written: its answers are not those of which it has the hash.`,
    };
  return { receipt, where };
}

function allowed(key: string, value: unknown): unknown {
  if (forbidden.has(key)) throw new SyntaxError(`the key "${key}" is not allowed`);
  return value;
}
