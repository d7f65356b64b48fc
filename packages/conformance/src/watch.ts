import { AsyncLocalStorage } from "node:async_hooks";

/** Where calls are noted: in the watch within which they happen, so that the surroundings may do as they like. */
const watching = new AsyncLocalStorage<Set<string>>();
let watches = 0;
let restore: (() => void)[] = [];

/**
 * The uses of global randomness and of the clock during `use`, by name, in the order of their first occurrence.
 * Everything is as before when it ends, also where `use` throws.
 */
export async function watch(use: () => unknown): Promise<string[]> {
  const seen = new Set<string>();
  if (watches++ === 0) restore = patches();
  try {
    await watching.run(seen, async () => use());
  } finally {
    if (--watches === 0) for (const undo of restore) undo();
  }
  return [...seen];
}

function patches(): (() => void)[] {
  const note = (name: string) => watching.getStore()?.add(name);
  const spied = (owner: object, method: string, name: string) => {
    const original = Reflect.get(owner, method) as (...values: unknown[]) => unknown;
    return patch(owner, method, (...values: unknown[]) => {
      note(name);
      return Reflect.apply(original, owner, values);
    });
  };
  const undo = [
    spied(Math, "random", "Math.random()"),
    spied(Date, "now", "Date.now()"),
    spied(performance, "now", "performance.now()"),
    spied(crypto, "getRandomValues", "crypto.getRandomValues()"),
    spied(crypto, "randomUUID", "crypto.randomUUID()"),
  ];
  const spy = new Proxy(Date, {
    construct(date, values, target) {
      if (values.length === 0) note("new Date()");
      return Reflect.construct(date, values, target) as object;
    },
    apply() {
      note("Date()");
      return new Date().toString();
    },
  });
  return [...undo, patch(globalThis, "Date", spy)];
}

/** Replaces a property; the answer puts back what was there. */
function patch(owner: object, key: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  Object.defineProperty(owner, key, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(owner, key, before);
    else Reflect.deleteProperty(owner, key);
  };
}
