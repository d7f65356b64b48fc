import { SpecError } from "@everlearn/contracts";

const deepest = 64;
const forbidden = new Set(["__proto__", "constructor", "prototype"]);

// White space, then one token: punctuation, a string, a number or a word (RFC 8259). Linear: nothing in it is ambiguous.
const token =
  /[ \t\n\r]*([{}[\]:,]|"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)?/y;

/**
 * JSON (RFC 8259) as plain values. Refused beyond what JSON.parse refuses, always with line and column: a key twice, keys
 * that touch prototypes, numbers that are not finite or are −0, and more than 64 levels.
 * @throws SpecError
 */
export function parseJson(text: string, file: string): unknown {
  let start = 0; // of the token that was read last
  let end = 0;

  function fail(problem: string): never {
    const lines = text.slice(0, start).split("\n");
    throw new SpecError(`${file}:${lines.length}:${(lines.at(-1) ?? "").length + 1}: ${problem}.`);
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

  function value(found: string, depth: number): unknown {
    if ((found === "{" || found === "[") && depth >= deepest) fail(`more than ${deepest} levels deep`);
    if (found === "{") return object(depth + 1);
    if (found === "[") return array(depth + 1);
    if (found === "" || "}]:,".includes(found)) expected("a value", found);
    const parsed: unknown = JSON.parse(found);
    if (Object.is(parsed, -0)) fail("write 0, not -0");
    if (typeof parsed === "number" && !Number.isFinite(parsed)) fail(`${found.slice(0, 40)} is too large a number`);
    return parsed;
  }

  function object(depth: number): unknown {
    const result: Record<string, unknown> = {};
    let found = next();
    if (found === "}") return result;
    for (;;) {
      if (!found.startsWith('"')) expected("a key in double quotes", found);
      const key = JSON.parse(found) as string;
      if (forbidden.has(key)) fail(`the key ${found} is not allowed`);
      if (Object.hasOwn(result, key)) fail(`the key ${found} stands here twice`);
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
