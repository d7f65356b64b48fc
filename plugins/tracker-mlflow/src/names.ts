import { createHash } from "node:crypto";

/** What MLflow takes, of all versions since 2: characters of a key, of a parameter's value, of a tag's. */
const limits = { key: 250, param: 6000, tag: 5000 } as const;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * The key under which MLflow has a name: the same, if it may be one. Else what is not a letter a-z, a digit or one of
 * `_ - . /` and the space becomes `_`, as do slashes and dots that would make a path of it that is written otherwise
 * than it is read; it is cut; and eight digits of the name's SHA-256 follow, so that two names never share a key.
 */
export function keyOf(name: string): string {
  const plain = name.replaceAll(/[^\w.\-/ ]/g, "_");
  const key = isPath(plain) ? plain : plain.replaceAll(/^\.+|\/\.+|\//g, "_");
  return key === name && key.length <= limits.key ? key : `${key.slice(0, limits.key - 9)}.${sha256(name).slice(0, 8)}`;
}

/** Whether it is a relative path in its shortest form, without dots at the beginning of a part. */
const isPath = (key: string): boolean => key.split("/").every((part) => part !== "" && !part.startsWith("."));

export const paramOf = (value: string): string => cut(value, limits.param, "whole in spec.json");
export const tagOf = (value: string): string => cut(value, limits.tag, "whole in result.json and journal.jsonl");

/** A long text: its beginning, how long it is, its SHA-256, and where it stands whole. */
function cut(text: string, most: number, where: string): string {
  if (text.length <= most) return text;
  const note = `… (${text.length} characters, SHA-256 ${sha256(text)}; ${where})`;
  // Half a character of two code units would be none.
  return `${text.slice(0, most - note.length).replace(/[\ud800-\udbff]$/, "")}${note}`;
}
