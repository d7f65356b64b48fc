import type { Example, Random } from "@everlearn/contracts";

/** What a memory saves. */
export type SavedMemory = {
  readonly memory: readonly { readonly y: number; readonly examples: readonly Example[] }[];
  readonly kept: number;
};

/** GDumb's memory: as many examples of each class as the stream and the capacity allow. */
export interface BalancedMemory {
  /** The number of examples that it ever kept, for however long. */
  readonly kept: number;
  /** Offers an example; answers whether it is kept. */
  offer(example: Example): boolean;
  /** The examples that it holds, by class in the order in which classes came. */
  all(): Example[];
  save(): SavedMemory;
  load(saved: SavedMemory): void;
}

/** Creates the greedy balancing sampler, Algorithm 1 of Prabhu et al. 2020. */
export function balancedMemory(capacity: number, random: Random): BalancedMemory {
  let memory = new Map<number, Example[]>(); // D, by class
  let size = 0;
  let kept = 0;
  const all = (): Example[] => [...memory.values()].flat();
  return {
    get kept() {
      return kept;
    },
    offer(example) {
      const own = memory.get(example.y) ?? [];
      if (memory.has(example.y) && own.length >= capacity / memory.size) return false;
      if (size === capacity) {
        const largest = [...memory.values()].reduce((most, one) => (one.length > most.length ? one : most));
        largest.splice(random.integer(largest.length), 1);
      } else size++;
      own.push(example);
      memory.set(example.y, own);
      kept++;
      return true;
    },
    all,
    save: () => ({ memory: Array.from(memory, ([y, examples]) => ({ y, examples: [...examples] })), kept }),
    load(saved) {
      memory = new Map(saved.memory.map(({ y, examples }) => [y, [...examples]]));
      size = all().length;
      kept = saved.kept;
    },
  };
}
