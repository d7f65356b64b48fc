import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { isSealed, type Sealed, seal } from "../seal.js";
import { JsonError, parseWritten } from "../spec/json.js";
import { readBytes, textOf, withFile, writeFile } from "./file.js";

const mostBytes = 64 * 1024 * 1024;

/** Replaces a file by a record with its seal; several processes may do so at once. @throws RunError where it cannot be written */
export function writeSealed(path: string, record: object): void {
  writeFile(path, `${JSON.stringify(seal(record), null, 2)}\n`, `${path}.${randomUUID()}.part`);
}

/**
 * The record in a file that `writeSealed` wrote; undefined where there is no file, null where it is damaged or was edited.
 * @throws RunError where it cannot be read
 */
export function readSealed(path: string): Sealed<object> | null | undefined {
  if (!existsSync(path)) return undefined;
  const text = textOf(withFile("read", path, () => readBytes(path, mostBytes)));
  try {
    const value = text === undefined ? null : parseWritten(text);
    return isSealed(value) ? value : null;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}
