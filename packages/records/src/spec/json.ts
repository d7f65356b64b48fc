import { SpecError } from "@everlearn/contracts";

/** A text that is no JSON, or no plain one; the message is a sentence without its full stop, which says where. */
export class JsonError extends Error {
  override name = "JsonError";
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  constructor(problem: string, line: number, column: number) {
    super(problem);
    this.line = line;
    this.column = column;
  }
}

const deepest = 64;
const forbidden = new Set(["__proto__", "constructor", "prototype"]);

// White space, then one token: punctuation, a string, a number or a word (RFC 8259). Linear: nothing in it is ambiguous.
const token =
  /[ \t\n\r]*([{}[\]:,]|"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)?/y;

/**
 * JSON (RFC 8259) as plain values. Refused beyond what JSON.parse refuses, always with line and column: a key twice, keys
 * that touch prototypes, numbers that are not finite or are −0, half of a surrogate pair, and more than 64 levels.
 * @throws SpecError
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return parsePlain(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new SpecError(`${file}:${error.line}:${error.column}: ${error.message}.`);
  }
}

/** Keys that touch prototypes, and escapes, which may spell those and halves of surrogate pairs; few texts hold any. */
const suspicious = /__proto__|constructor|prototype|\\u/;

/**
 * The same as `parsePlain`, several times faster for a text that JSON.stringify has written: it is known to be plain if
 * writing it again gives the same text. @throws JsonError
 */
export function parseWritten(text: string): unknown {
  if (!suspicious.test(text))
    try {
      const value: unknown = JSON.parse(text);
      const content = text.trimEnd();
      const again = JSON.stringify(value, null, content.startsWith("{\n") ? 2 : 0);
      if (again === content && isShallow(value, deepest)) return value;
    } catch {
      // The reason comes below, with its place.
    }
  return parsePlain(text);
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1));
}

/** Parses plain JSON: see `parseJson`. @throws JsonError */
function parsePlain(text: string): unknown {
  let start = 0; // of the token that was read last
  let end = 0;

  function fail(problem: string): never {
    const lines = text.slice(0, start).split("\n");
    throw new JsonError(problem, lines.length, (lines.at(-1) ?? "").length + 1);
  }

  /** The next token; "" at the end of the text. */
  function next(): string {
    token.lastIndex = end;
    const [all, found = ""] = token.exec(text) as RegExpExecArray;
    end += all.length;
    start = end - found.length;
    if (found === "" && end < text.length)
      fail(text[end] === '"' ? "this string is not valid JSON" : `${JSON.stringify(text[end])} is not valid JSON here`);
    return found;
  }

  const expected = (what: string, found: string): never =>
    fail(`expected ${what}, but ${found === "" ? "the file ends" : `found ${found.slice(0, 40)}`}`);

  function assertWellFormed(parsed: string): void {
    if (/\p{Surrogate}/u.test(parsed)) fail("this string has half of a surrogate pair in it, which is no character");
  }

  function value(found: string, depth: number): unknown {
    if ((found === "{" || found === "[") && depth >= deepest) fail(`more than ${deepest} levels deep`);
    if (found === "{") return object(depth + 1);
    if (found === "[") return array(depth + 1);
    if (found === "" || "}]:,".includes(found)) expected("a value", found);
    const parsed: unknown = JSON.parse(found);
    if (Object.is(parsed, -0)) fail("write 0, not -0");
    if (typeof parsed === "number" && !Number.isFinite(parsed)) fail(`${found.slice(0, 40)} is too large a number`);
    if (typeof parsed === "string") assertWellFormed(parsed);
    return parsed;
  }

  function object(depth: number): unknown {
    const result: Record<string, unknown> = {};
    let found = next();
    if (found === "}") return result;
    for (;;) {
      if (!found.startsWith('"')) expected("a key in double quotes", found);
      const key = JSON.parse(found) as string;
      assertWellFormed(key);
      if (forbidden.has(key)) fail(`the key ${found} is not allowed`);
      if (Object.hasOwn(result, key)) fail(`the key ${found.slice(0, 80)} stands here twice`);
      const colon = next();
      if (colon !== ":") expected('":"', colon);
      result[key] = value(next(), depth);
      const after = next();
      if (after === "}") return result;
      if (after !== ",") expected('"," or "}"', after);
      found = next();
    }
  }

  function array(depth: number): unknown {
    const result: unknown[] = [];
    let found = next();
    if (found === "]") return result;
    for (;;) {
      result.push(value(found, depth));
      const after = next();
      if (after === "]") return result;
      if (after !== ",") expected('"," or "]"', after);
      found = next();
    }
  }

  const result = value(next(), 0);
  const rest = next();
  if (rest !== "") expected("the end of the file", rest);
  return result;
}
