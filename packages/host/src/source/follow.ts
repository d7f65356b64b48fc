import { realpathSync } from "node:fs";
import { extname } from "node:path";
import { formatOf, typeOf } from "./packages.js";
import { parse } from "./parse.js";
import { contentOf, UnfitFileError } from "./read.js";
import { type Reading, type Reference, readingOf } from "./references.js";
import { targetsOf } from "./resolve.js";

/** A reference and all that it leads to, each file by its real path. */
export interface Lead extends Reference {
  readonly files: readonly string[];
  readonly folder?: string;
  readonly packages: readonly string[];
  readonly missing: boolean;
}

/** A file that belongs to a plugin's source. */
export interface SourceFile extends Pick<Reading, "computed" | "lists"> {
  readonly size: number;
  readonly digest: string;
  /** How Node takes its source; of data nothing. */
  readonly format?: string;
  readonly leads: readonly Lead[];
  /** Why it is no module. */
  readonly unparsed?: string;
}

/** What could not be read, and which place led there. */
interface Unread {
  readonly path: string;
  readonly from: string;
  readonly line: number;
  /** The end of a sentence that begins with the path. */
  readonly why: string;
}

/** All files that a module consists of, by their real paths. */
export interface SourceTree {
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly unread: readonly Unread[];
}

/** Reads a module and all files that it leads to. @throws the system's error, or UnfitFileError, where the entry cannot be read */
export function follow(entry: string): SourceTree {
  const files = new Map<string, SourceFile>([[entry, readFile(entry, true)]]);
  const unread: Unread[] = [];
  const open = [entry];
  for (let from = open.pop(); from !== undefined; from = open.pop())
    for (const lead of files.get(from)?.leads ?? [])
      for (const path of lead.files) {
        const isModule = isCode(path, lead.how);
        const known = files.get(path);
        // What was only data so far may be run as well.
        if (known && (!isModule || known.format !== undefined)) continue;
        try {
          files.set(path, readFile(path, isModule));
          open.push(path);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          const why = error instanceof UnfitFileError ? error.message : `cannot be read (${code})`;
          unread.push({ path, from, line: lead.line, why });
        }
      }
  return { files, unread };
}

/** Whether a file is run: by its ending; `require` runs all others too, `import` those without any. */
function isCode(path: string, how: Reference["how"]): boolean {
  const ending = extname(path);
  if (/^\.(?:[cm]?[jt]s|[jt]sx)$/.test(ending)) return true;
  return how === "require" ? !/^\.(?:json|node|wasm)$/.test(ending) : how === "import" && ending === "";
}

function readFile(path: string, isModule: boolean): SourceFile {
  const { size, digest, text } = contentOf(path, isModule ? "code" : "data");
  if (!isModule) return { size, digest, leads: [], computed: [], lists: false };
  const format = formatOf(path);
  let reading: Reading;
  try {
    reading = readingOf(parse(path, text, format), text);
  } catch (error) {
    return { size, digest, format, leads: [], computed: [], lists: false, unparsed: (error as Error).message };
  }
  return { size, digest, format, ...reading, leads: reading.references.map((reference) => leadOf(reference, path)) };
}

function leadOf(reference: Reference, from: string): Lead {
  const targets = targetsOf(reference, from);
  const lead = { ...reference, files: [] as string[], packages: [] as string[], missing: targets === undefined };
  let folder: string | undefined;
  for (const target of targets ?? [])
    if ("package" in target) lead.packages.push(target.package);
    else if ("folder" in target) folder = target.folder;
    else lead.files.push(typeOf(target.file) === "none" ? target.file : realpathSync(target.file));
  return folder === undefined ? lead : { ...lead, folder };
}
