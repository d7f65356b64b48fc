import { randomBytes } from "node:crypto";
import { normalize } from "node:path";
import type { Choice } from "@everlearn/composition";
import { SpecError } from "@everlearn/contracts";
import { digest } from "@everlearn/digest";
import { readBytes, textOf, withFile } from "../folder/file.js";
import { JsonError, parseWritten } from "../spec/json.js";

/** An organiser's secret: the data set that replaces a submission's own when it is audited. */
export interface Secret {
  readonly dataset: Choice;
  /** 64 random hexadecimal digits, so that nobody can find the secret by trying what its commitment fits. */
  readonly salt: string;
}

const mostBytes = 2 ** 20;

/** A salt for a secret, or a key: 64 random hexadecimal digits. */
export const randomDigits = (): string => randomBytes(32).toString("hex");

/**
 * SHA-256 (hex) of the canonical JSON of a secret and of the checksum of its data set's examples. Who knows it knows nothing of
 * the secret; who is shown the secret later knows that it was this one.
 */
export function commitmentOf({ dataset, salt }: Secret, checksum: string): string {
  return digest({ dataset, checksum, salt });
}

/** Reads an organiser's secret. @throws SpecError where it is none; the sentence repeats nothing of it */
export function readSecret(file: string): Secret {
  const text = textOf(withFile("read", file, () => readBytes(file, mostBytes)));
  const problem = (what: string) => new SpecError(`${file} ${what}`);
  let value: unknown;
  try {
    value = text === undefined ? undefined : parseWritten(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw problem(`is no JSON: line ${error.line}, column ${error.column} cannot be read.`);
  }
  const { dataset, salt, ...others } = (isObject(value) ? value : {}) as Partial<Record<string, unknown>>;
  if (!isObject(dataset) || typeof dataset.use !== "string")
    throw problem('is no secret: it lacks "dataset", a choice such as {"use": "glyphs", "key": "…"}.');
  if (Object.keys(others).length > 0)
    throw problem('has other fields than "dataset" and "salt"; a secret replaces the data set and nothing else.');
  if (typeof salt !== "string" || !/^[0-9a-f]{64}$/.test(salt))
    throw problem(
      `lacks "salt", 64 random hexadecimal digits without which its commitment could be guessed. These are some: "salt": "${randomDigits()}".`,
    );
  return { dataset: dataset as unknown as Choice, salt };
}

/**
 * A text without what a secret says. Each of its values but plugins' names is blotted out, in the forms in which programs
 * repeat them.
 */
export function withoutSecret(text: string, { dataset, salt }: Secret): string {
  const told = new Set([salt, ...valuesIn(dataset)].flatMap(formsOf));
  let answer = text;
  for (const one of [...told].sort((a, b) => b.length - a.length))
    answer = /^[\d.+-]+$/.test(one)
      ? answer.replaceAll(new RegExp(`(?<![\\d.])${one.replaceAll(/[.+]/g, "\\$&")}(?!\\d)`, "g"), blot)
      : answer.replaceAll(one, blot);
  return answer;
}

const blot = "•••";

function valuesIn(value: unknown): (string | number)[] {
  if (typeof value === "string" || typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === "use" ? [] : valuesIn(inner)));
}

/** As it is, as JSON spells it, and a path as it is when it has been resolved; what is too short says nothing. */
function formsOf(value: string | number): string[] {
  if (typeof value === "number") return [String(value)];
  const path = normalize(value).replace(/^\.?[\\/]|[\\/]$/g, "");
  return [value, JSON.stringify(value).slice(1, -1), path].filter((form) => form.length > 2);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
