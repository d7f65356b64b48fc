import { basename, dirname } from "node:path";
import { digest } from "@everlearn/digest";
import { inThreads } from "../threads.js";
import { isCompanionLine } from "./companions.js";
import { receiptTexts } from "./files.js";
import { type FoundReceipt, parseReceipt, type ReceiptProblem, type ReceiptText } from "./parse.js";
import { isAuxiliary, type Receipt } from "./receipt.js";
import type { Problem } from "./thread.js";

/** From how many texts on there are threads that check them; how many each is sent at once, or how many characters. */
const many = 1000;
const batch = 50;
const long = 1024 * 1024;
const thread = new URL("../../dist/receipt/thread.js", import.meta.url);

/** How receipts are told apart that have one name or one cell. */
export interface ReadOptions {
  /**
   * Whether the receipts are of people who do not know each other: then one name may stand for several specs, and receipts
   * of one cell that come from different places are all handed over, so that nobody's keep out another's.
   */
  readonly strangers?: boolean;
}

/**
 * Reads receipts from the folders of runs and from packed files: `result.json` and `*.jsonl` files in the given files
 * and folders, each folder in the order of names. No plugin's code is loaded. What is rejected is reported, and the
 * rest is read: a damaged file, one changed after it was written, the same cell twice, two results of one cell that
 * differ, one name for two specs. Trials of a search for options and canaries of honesty checks are no receipts, and
 * passed over.
 */
export async function* readReceipts(
  paths: readonly string[],
  { strangers = false }: ReadOptions = {},
): AsyncGenerator<FoundReceipt | ReceiptProblem> {
  const cells = new Map<string, { said: string; where: string }>();
  const places = new Map<string, string>(); // by name and cell
  const specs = new Map<string, { specId: string; where: string }>();
  for await (const found of checked(withoutCompanions(receiptTexts(paths)))) {
    if ("problem" in found) {
      yield found;
      continue;
    }
    const { receipt, where } = found;
    if (isAuxiliary(receipt)) continue;
    const claim = strangers ? `${claimOf(receipt)} ${sourceOf(found)}` : "";
    const cell = `${receipt.cellId} ${claim}`;
    const said = JSON.stringify([receipt.status ?? "finished", receipt.digest ?? null, receipt.message ?? null]);
    const first = cells.get(cell);
    const same = places.get(`${receipt.name} ${cell}`);
    const spec = specs.get(receipt.name);
    // One cell may stand under two names: a run that is in a suite twice.
    if (first && first.said !== said)
      yield {
        problem: `${where} contradicts ${first.where}: one cell (${receipt.name}, seed ${receipt.seed}) has two results, so something is not deterministic; "everlearn verify" tells which is reproduced. The first is counted.`,
      };
    else if (same) yield { problem: `${where} is the same cell as ${same}, and says the same; it is counted once.` };
    else if (!strangers && spec && spec.specId !== receipt.specId)
      yield {
        problem: `${where} is of another spec than ${spec.where}, though both are called "${receipt.name}"; it is left out. Rename one of the runs.`,
      };
    else {
      if (!first) cells.set(cell, { said, where });
      places.set(`${receipt.name} ${cell}`, where);
      if (!spec) specs.set(receipt.name, { specId: receipt.specId, where });
      yield found;
    }
  }
}

/** What a receipt says of its run, as a hash. */
function claimOf({ spec, plugins, checksum, suite, tuning }: Receipt): string {
  const { description: _, seeds: __, protocol = {}, ...said } = spec;
  const { suite: named, budget } = protocol;
  return digest({ said, named, budget, plugins, checksum, suite, tuning });
}

/** Where a receipt came from: its packed file, or the folder of its run. */
export function sourceOf({ where }: Pick<FoundReceipt, "where">): string {
  const file = where.replace(/(\.jsonl):\d+$/, "$1");
  if (file.endsWith(".jsonl")) return file;
  const folder = dirname(file);
  return /^seed-\d+$/.test(basename(folder)) ? dirname(folder) : folder;
}

async function* withoutCompanions(
  texts: AsyncGenerator<ReceiptText | ReceiptProblem>,
): AsyncGenerator<ReceiptText | ReceiptProblem> {
  for await (const one of texts) if ("problem" in one || !isCompanionLine(one.text)) yield one;
}

/** Parses texts in order. Checking takes most of the time, so many texts are checked in threads. */
async function* checked(
  texts: AsyncGenerator<ReceiptText | ReceiptProblem>,
): AsyncGenerator<FoundReceipt | ReceiptProblem> {
  try {
    for (let i = 0; i < many; i++) {
      const { value, done } = await texts.next();
      if (done) return;
      yield "problem" in value ? value : parseReceipt(value);
    }
    for await (const { question, answer } of inThreads(thread, batches(texts)))
      for (const [i, one] of question.entries()) {
        const problem = (answer as Problem[])[i];
        if (problem !== null) yield { problem };
        // It is known by now that it can be read, and what it is.
        else if ("text" in one) yield { receipt: JSON.parse(one.text) as Receipt, where: one.where };
      }
  } finally {
    await texts.return(undefined); // who stops listening leaves no file open
  }
}

async function* batches(
  all: AsyncIterable<ReceiptText | ReceiptProblem>,
): AsyncGenerator<(ReceiptText | ReceiptProblem)[]> {
  let some: (ReceiptText | ReceiptProblem)[] = [];
  let length = 0;
  for await (const one of all) {
    if ("text" in one) length += one.text.length;
    if (some.push(one) < batch && length < long) continue;
    yield some;
    some = [];
    length = 0;
  }
  if (some.length > 0) yield some;
}

/** A receipt as a line of a packed file: without the answers themselves, whose hash stays. */
export function compact(receipt: Receipt): string {
  if (!receipt.predictions) return JSON.stringify(receipt);
  const { deflated: _, ...predictions } = receipt.predictions;
  return JSON.stringify({ ...receipt, predictions });
}
