import { deserialize, serialize } from "node:v8";

/** A copy that shares nothing with its original. @throws DataCloneError where a value has behaviour */
export function copy<T>(value: T): T {
  return deserialize(serialize(value)) as T;
}

const named = (path: string) => path || "the value";

function brief(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return ArrayBuffer.isView(value) || Array.isArray(value)
    ? `${value.constructor.name}(${(value as Uint8Array).length})`
    : "an object";
}

/** Where two values of plain data first differ in their bits, and how; undefined where they do not. */
export function difference(actual: unknown, expected: unknown, path = ""): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  const differ = `${named(path)} is ${brief(actual)} rather than ${brief(expected)}`;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return differ;
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return differ;
  if (Array.isArray(actual) || ArrayBuffer.isView(actual)) {
    const [a, b] = [actual, expected] as [ArrayLike<unknown>, ArrayLike<unknown>];
    if (a.length !== b.length) return differ;
    for (let i = 0; i < a.length; i++)
      if (!Object.is(a[i], b[i])) {
        const within = difference(a[i], b[i], `${path}[${i}]`);
        if (within) return within;
      }
    return undefined;
  }
  const [a, b] = [actual, expected] as [Record<string, unknown>, Record<string, unknown>];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const inside = path ? `${path}.${key}` : key;
    if (key in a !== key in b) return `${inside} is ${key in a ? "there" : "missing"}`;
    const within = difference(a[key], b[key], inside);
    if (within) return within;
  }
  return undefined;
}

const arrays: readonly unknown[] = [Uint8Array, Uint16Array, Uint32Array, Int32Array, Float32Array, Float64Array];

/** Where a value first holds what a `State` may not hold, and what that is; undefined where it is a `State`. */
export function behaviour(value: unknown, path = ""): string | undefined {
  if (value === null || value === undefined || ["boolean", "number", "string"].includes(typeof value)) return undefined;
  if (typeof value !== "object") return `${named(path)} is a ${typeof value}`;
  if (Array.isArray(value)) return first(value.entries(), (i) => `${path}[${i}]`);
  if (arrays.includes(value.constructor)) return undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype)
    return `${named(path)} is a ${(value.constructor as { name?: string } | undefined)?.name ?? "bare object"}`;
  return first(Object.entries(value), (key) => (path ? `${path}.${key}` : key));
}

function first<K>(entries: Iterable<[K, unknown]>, path: (key: K) => string): string | undefined {
  for (const [key, value] of entries) {
    const found = behaviour(value, path(key));
    if (found) return found;
  }
  return undefined;
}
