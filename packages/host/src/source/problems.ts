import { relative } from "node:path";
import { SpecError } from "@everlearn/contracts";
import type { Lead, SourceFile, SourceTree } from "./follow.js";

/** What Node, too, will probably refuse to load, and say why more clearly. */
export class UnloadableError extends SpecError {
  override name = "UnloadableError";
}

/** Why a tree has no identity: sentences. */
export interface Problems {
  /** What it may lead to is unknown. */
  readonly refused: readonly string[];
  /** It is not what a program that runs can be. */
  readonly unloadable: readonly string[];
}

/** How many sentences are told at once. */
const told = 10;

/** What a module leads to that is unknown, unless it, or the entry for all, lists its files. */
export function problemsOf({ files, unread }: SourceTree, entry: string): Problems {
  const list = `list the files that it may lead to in ${shown(entry)}: export const files = ["./rates.json"]`;
  const refused = unread.map(
    ({ path, from, line, why }) => `${shown(from)}:${line} leads to ${shown(path)}, which ${why}.`,
  );
  const unloadable: string[] = [];
  const needed = neededFrom(entry, files);
  for (const [path, file] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    refused.push(...misListed(path, file));
    if (file.lists || files.get(entry)?.lists) continue;
    for (const { line, code } of file.computed)
      refused.push(
        `${shown(path)}:${line}: ${code} may lead to any file, so that a change in one would go unnoticed; write the path as a plain string in import(), require() or new URL(…, import.meta.url), or ${list}.`,
      );
    for (const lead of file.leads) {
      const problem = whyUnknown(lead);
      if (problem !== undefined)
        refused.push(`${shown(path)}:${lead.line}: ${JSON.stringify(lead.specifier)} ${problem}, or ${list}.`);
    }
    if (file.unparsed !== undefined)
      unloadable.push(
        `${shown(path)} cannot be parsed: ${file.unparsed}; correct that, or, where this Node.js runs it, ${list}.`,
      );
    if (!needed.has(path)) continue;
    for (const { missing, required, specifier, line } of file.leads)
      if (missing && required)
        unloadable.push(
          `${shown(path)}:${line}: ${JSON.stringify(specifier)} is not found by the rules of Node.js; correct or install it, write import type where it is one, or ${list}.`,
        );
  }
  return { refused: some(refused), unloadable: some(unloadable) };
}

/** A list of files is the last word, so that nothing in it may be wrong. */
function misListed(path: string, { leads }: SourceFile): string[] {
  return leads
    .filter(({ how, missing, folder }) => how === "path" && (missing || folder !== undefined))
    .map(
      ({ line, specifier, missing }) =>
        `${shown(path)}:${line} lists ${JSON.stringify(specifier)} among its files, which ${missing ? "is not there; correct the path" : "is a folder; list its files"}.`,
    );
}

function whyUnknown({ how, specifier, folder, files }: Lead): string | undefined {
  if (how === "path") return undefined;
  if (folder !== undefined) return "leads to a folder, in which any file may be meant; name the file";
  if (how === "url") return undefined;
  if (/^data:/i.test(specifier)) return "is a module within a URL, which is not followed; write it into a file";
  return how === "import" && files.some((file) => file.endsWith(".wasm"))
    ? "is imported as a module, whose own imports are not followed; compile the bytes of new URL(…, import.meta.url) instead"
    : undefined;
}

/** The modules without which the entry cannot be loaded. */
function neededFrom(entry: string, files: SourceTree["files"]): ReadonlySet<string> {
  const needed = new Set([entry]);
  for (const path of needed)
    for (const lead of files.get(path)?.leads ?? [])
      if (lead.required && lead.how !== "path") for (const file of lead.files) needed.add(file);
  return needed;
}

function some(sentences: readonly string[]): readonly string[] {
  const more = sentences.length - told;
  return more > 0 ? [...sentences.slice(0, told), `… and ${more} more.`] : sentences;
}

/** A path as the user can open it. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}
