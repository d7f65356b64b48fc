import type { Network, State, Stateful, Vector } from "@everlearn/contracts";
import { tensorsOf } from "@everlearn/learning";

/** Which task each weight belongs to. θ is that of the task at hand: a free weight is 0, unless the task is training it. */
export interface Packing extends Stateful {
  /** 1 for each parameter that may learn now, 0 for the others. */
  readonly free: Vector;
  /** The task at hand, which θ belongs to; undefined before the first. */
  readonly current: number | undefined;
  /** Whether a task has ended: it has its weights, and others rely on them. */
  isPacked(task: number | undefined): boolean;
  /** Begins or goes on with a task that is not packed. */
  switchTo(task: number): void;
  /** Packs the task at hand: of its weights in each tensor the smallest `fraction` become zeros and free, the rest its own. */
  prune(task: number, fraction: number): void;
  /** Calls `ask` while θ is that of a task, with its own weights and those of tasks before it, and returns its answer. */
  asIf<T>(task: number, ask: () => T): T;
}

/** What a packing saves. */
type Saved = {
  readonly owners: Uint16Array<ArrayBuffer>;
  readonly packed: readonly number[];
  readonly initial: Float32Array;
  readonly current: number | null;
  readonly away: readonly { readonly task: number; readonly values: Float32Array }[];
};

/** What becomes of a parameter: it is pruned, fixed after the first task, or each task's own. */
type Fate = "pruned" | "fixed" | "own";

/** The tensors' places in θ, and what becomes of them. */
function fates(network: Network, biases: "fixed" | "own"): { from: number; to: number; fate: Fate }[] {
  return tensorsOf(network, "packnet").map(({ kind, from, to, isLast, frozen = false }) => {
    const rest: Fate = frozen ? "fixed" : biases;
    return { from, to, fate: isLast ? "own" : kind === "weights" && !frozen ? "pruned" : rest };
  });
}

/** Gives free parameters to an owner; of the pruned tensors' the smallest become zeros and stay free. */
function pruneTo(
  owner: number,
  fraction: number,
  { tensors, owners, values }: { tensors: ReturnType<typeof fates>; owners: Uint16Array; values: Float32Array },
): void {
  for (const { from, to, fate } of tensors) {
    if (fate === "own") continue;
    const trained = places(from, to).filter((place) => owners[place] === 0);
    const freed = fate === "pruned" ? Math.floor(fraction * trained.length) : 0;
    trained.sort((a, b) => Math.abs(values[a]) - Math.abs(values[b])); // equals stay in order
    trained.forEach((place, i) => {
      if (i < freed) values[place] = 0;
      else owners[place] = owner;
    });
  }
}

/** θ as tasks have it that are not at hand. */
interface Views {
  of(task: number, isPacked: boolean): Vector;
  /** Tells that θ has changed, which packed tasks take no notice of. */
  change(): void;
  /** Forgets all views. */
  clear(): void;
}

/** @param look fills a vector with θ as a task has it */
function views(vector: () => Vector, look: (task: number, into: Vector) => void): Views {
  const packed = new Map<number, Vector>(); // of those that were asked about
  const unseen = vector();
  let isStale = true;
  return {
    of(task, isPacked) {
      if (!isPacked) {
        if (isStale) look(task, unseen);
        isStale = false;
        return unseen;
      }
      let view = packed.get(task);
      if (view === undefined) {
        view = vector();
        look(task, view);
        packed.set(task, view);
      }
      return view;
    },
    change() {
      isStale = true;
    },
    clear() {
      packed.clear();
      isStale = true;
    },
  };
}

/** @param biases what becomes of biases and normalisations */
export function packing(network: Network, biases: "fixed" | "own"): Packing {
  const { theta } = network;
  const tensors = fates(network, biases);
  const own = tensors.flatMap(({ from, to, fate }) => (fate === "own" ? places(from, to) : []));
  const free = network.vector();
  const present = network.vector();
  const initial = pick(theta.toArray(), own);
  let owners = new Uint16Array(theta.toArray().length); // of each parameter, its task's place in `packed`, from 1; 0: free
  let packed: number[] = []; // the tasks that have been pruned
  let away = new Map<number, Float32Array>(); // what is a task's own
  let current: number | undefined;
  const seen = views(() => network.vector(), look);

  /** Lets learn what is the task's own, and the parameters of an owner. */
  function allow(owner: number): void {
    const allowed = Float32Array.from(owners, (one) => Number(one === owner));
    for (const place of own) allowed[place] = 1;
    free.fromArray(allowed);
  }

  /** into ← θ as a task has it that is not at hand */
  function look(task: number, into: Vector): void {
    const last = packed.indexOf(task) + 1;
    const values = theta.toArray();
    if (last > 0) for (let i = 0; i < values.length; i++) if (owners[i] === 0 || owners[i] > last) values[i] = 0;
    put(away.get(task) ?? initial, own, values);
    into.fromArray(values);
  }

  allow(0);
  return {
    free,
    get current() {
      return current;
    },
    isPacked: (task) => task !== undefined && packed.includes(task),
    switchTo(task) {
      seen.change();
      if (task === current) return;
      const values = theta.toArray();
      if (current !== undefined) away.set(current, pick(values, own));
      put(initial, own, values);
      theta.fromArray(values);
      current = task;
      allow(0);
    },
    prune(task, fraction) {
      seen.change();
      const values = theta.toArray();
      packed.push(task);
      const owner = packed.length;
      pruneTo(owner, fraction, { tensors, owners, values });
      theta.fromArray(values);
      allow(owner);
    },
    asIf(task, ask) {
      if (task === current) return ask();
      present.set(theta);
      theta.set(seen.of(task, packed.includes(task)));
      try {
        return ask();
      } finally {
        theta.swap(present);
      }
    },
    save: () => ({
      owners: owners.slice(),
      packed: [...packed],
      initial: initial.slice(),
      current: current ?? null,
      away: [...away].map(([task, values]): State => ({ task, values: values.slice() })),
    }),
    load(state) {
      const saved = state as Saved;
      owners = saved.owners.slice();
      packed = [...saved.packed];
      initial.set(saved.initial);
      current = saved.current ?? undefined;
      away = new Map(saved.away.map(({ task, values }) => [task, values.slice()]));
      seen.clear();
      allow(0);
    },
  };
}

const places = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const pick = (values: Float32Array, at: readonly number[]): Float32Array =>
  Float32Array.from(at, (place) => values[place]);

const put = (its: Float32Array, at: readonly number[], into: Float32Array): void =>
  at.forEach((place, i) => (into[place] = its[i]));
