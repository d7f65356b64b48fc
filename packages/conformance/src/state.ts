import type { Need, State, Stateful } from "@everlearn/contracts";

/** The states of several parts as one, by their names. A run saves the parts that it hands to others, so they need not. */
export function together(parts: Readonly<Record<string, Stateful>>): Stateful {
  return {
    save: () => Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()])),
    load(state) {
      const saved = state as Readonly<Record<string, State>>;
      for (const [name, part] of Object.entries(parts)) part.load(saved[name]);
    },
  };
}

/** The part of its own kind that a plugin is made of, as `of`, if it says that it needs one. */
export async function madeOf<T>(needs: readonly Need[], make: () => T | Promise<T>): Promise<{ readonly of?: T }> {
  return needs.includes("of") ? { of: await make() } : {};
}
