import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Check, checker, digest, protocolSchema } from "@everlearn/host";
import type { Receipt } from "@everlearn/leaderboard";
import { sealOf } from "@everlearn/runner";
import { answersOf } from "./answers.js";

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

/** What receipts are read from beyond this is left unread: bytes of a single one. */
const largest = 64 * 1024 * 1024;
/** Packed files up to so many bytes are read at once, which is faster. */
const whole = 1024 * 1024;

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

/**
 * Reads what runs and packed files of receipts say: `result.json` and `*.jsonl` files in the given files and folders, each
 * folder in the order of names. No plugin's code is loaded. What cannot be believed is told, and the rest is read: a
 * damaged file, one changed after it was written, the same cell twice, two results of one cell that differ, one name for
 * two specs. Trials of a search for options and canaries of honesty checks are no receipts, and passed over.
 */
export async function* readReceipts(paths: readonly string[]): AsyncGenerator<FoundReceipt | ReceiptProblem> {
  const cells = new Map<string, { said: string; where: string }>();
  const places = new Map<string, string>(); // by name and cell
  const specs = new Map<string, { specId: string; where: string }>();
  for (const path of paths)
    for await (const { text, where } of texts(path)) {
      if (text === undefined) {
        yield { problem: where };
        continue;
      }
      const found = parsed(text, where);
      if ("problem" in found) {
        yield found;
        continue;
      }
      const { receipt } = found;
      if (isAside(receipt)) continue;
      const said = digest([receipt.status ?? "finished", receipt.digest ?? null, receipt.message ?? null]);
      const first = cells.get(receipt.cellId);
      const same = places.get(`${receipt.name} ${receipt.cellId}`);
      const spec = specs.get(receipt.name);
      // One cell may stand under two names: a run that is in a suite twice.
      if (first && first.said !== said)
        yield {
          problem: `${where} contradicts ${first.where}: one cell (${receipt.name}, seed ${receipt.seed}) with two results, which is nondeterminism; "everlearn verify" tells which comes again. The first is counted.`,
        };
      else if (same) yield { problem: `${where} is the same cell as ${same}, and says the same; it is counted once.` };
      else if (spec && spec.specId !== receipt.specId)
        yield {
          problem: `${where} is of another spec than ${spec.where}, though both are called "${receipt.name}"; it is left out. Rename one of the runs.`,
        };
      else {
        if (!first) cells.set(receipt.cellId, { said, where });
        places.set(`${receipt.name} ${receipt.cellId}`, where);
        if (!spec) specs.set(receipt.name, { specId: receipt.specId, where });
        yield found;
      }
    }
}

/** A receipt of this text, whole and unchanged as far as can be seen without running it again. */
export function parsed(text: string, where: string): FoundReceipt | ReceiptProblem {
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

/** Whether a receipt is of a search for options, or of a canary. */
function isAside({ seed, spec }: Receipt): boolean {
  if ("canary" in spec) return true;
  const tuning = spec.protocol?.tuning;
  return tuning?.protocol === "search" && tuning.seeds.includes(seed);
}

/** The texts of receipts in a file or folder; without text, `where` is a problem. */
async function* texts(path: string): AsyncGenerator<{ text?: string; where: string }> {
  const kind = await stat(path).catch(() => undefined);
  if (!kind) yield { where: `${path} does not exist, or cannot be read.` };
  else if (kind.isDirectory()) {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (entry.isDirectory() || entry.name === "result.json" || isPacked(entry.name))
        yield* texts(join(path, entry.name));
  } else if (path.endsWith(".jsonl")) {
    let line = 0;
    for await (const text of kind.size > whole ? streamed(path) : (await readFile(path, "utf8")).split("\n")) {
      line++;
      if (text.trim() !== "") yield { text, where: `${path}:${line}` };
    }
  } else if (kind.size > largest) yield { where: `${path} is larger than 64 MiB, the most that a receipt may have.` };
  else yield { text: await readFile(path, "utf8"), where: path };
}

/** The lines of a file of any size. */
function streamed(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Infinity });
}

/** Journals are JSON lines too. */
function isPacked(name: string): boolean {
  return name.endsWith(".jsonl") && name !== "journal.jsonl";
}

/** A receipt as a line of a packed file: without the answers themselves, whose hash stays. */
export function packed(receipt: Receipt): string {
  if (!receipt.predictions) return JSON.stringify(receipt);
  const { deflated: _, ...predictions } = receipt.predictions;
  return JSON.stringify({ ...receipt, predictions });
}
