import TinyQueue from "tinyqueue";
import type { SuiteCell } from "./cell.js";
import type { Estimates } from "./estimates.js";

/** The cells that wait to be run: first those whose duration is unknown, then the longest. */
export interface CellQueue {
  readonly size: number;
  add(cell: SuiteCell): void;
  /** Takes the next cell out, which runs from now on. */
  take(): SuiteCell | undefined;
  /** Notes that a cell that was taken has stopped running. */
  release(cell: SuiteCell): void;
  /** Notes a new estimate for the cells of this one's spec. */
  update(cell: SuiteCell): void;
  /** An estimate of the seconds that all waiting cells take one after the other, and the longest; null where there is no ground for one. */
  expected(): { readonly sum: number; readonly longest: number } | null;
}

/** The waiting cells of one spec: they take equally long. */
interface Group {
  readonly cells: SuiteCell[];
  /** The cells of the spec that run now. */
  running: number;
  /** Raised when its urgency changes, which makes earlier entries of the heap out of date. */
  version: number;
  /** The training examples of each cell. */
  readonly examples: number;
  readonly place: number;
}

interface Entry {
  readonly group: Group;
  readonly version: number;
  /** The expected seconds; Infinity where they are unknown and no cell is running that will tell. */
  readonly urgency: number;
}

/**
 * Creates a queue that finds the next cell in logarithmic time in the number of specs, however many cells wait. Specs
 * of which a cell runs are kept apart: they are few, and their estimates change with every sign of progress.
 */
export function createQueue(estimates: Estimates): CellQueue {
  const groups = new Map<string, Group>();
  const busy = new Set<Group>();
  const heap = new TinyQueue<Entry>([], before);
  let size = 0;

  function groupOf(cell: SuiteCell): Group {
    const { specId, examples } = cell;
    const found = groups.get(specId) ?? { cells: [], running: 0, version: 0, examples, place: groups.size };
    groups.set(specId, found);
    return found;
  }

  function entryOf(group: Group): Entry {
    const { cells, running, version } = group;
    const expected = running > 0 ? (estimates.expected(cells[0]) ?? 0) : Infinity;
    return { group, version, urgency: estimates.measured(cells[0]) ?? expected };
  }

  /** Puts a group of which no cell runs on the heap. */
  function push(group: Group): void {
    group.version++;
    if (group.running === 0 && group.cells.length > 0) heap.push(entryOf(group));
  }

  function mostUrgent(): Group | undefined {
    let best = heap.peek();
    for (; best && best.version !== best.group.version; best = heap.peek()) heap.pop();
    for (const group of busy) {
      if (group.cells.length === 0) continue;
      const entry = entryOf(group);
      if (!best || before(entry, best) < 0) best = entry;
    }
    return best?.group;
  }

  return {
    get size() {
      return size;
    },
    add(cell) {
      const group = groupOf(cell);
      size++;
      if (group.cells.push(cell) === 1) push(group);
    },
    take() {
      const group = mostUrgent();
      const cell = group?.cells.shift();
      if (!group || !cell) return undefined;
      size--;
      group.running++;
      group.version++;
      busy.add(group);
      return cell;
    },
    release(cell) {
      const group = groupOf(cell);
      if (--group.running > 0) return;
      busy.delete(group);
      push(group);
    },
    update(cell) {
      push(groupOf(cell));
    },
    expected() {
      let [sum, longest] = [0, 0];
      for (const { cells } of groups.values()) {
        if (cells.length === 0) continue;
        const seconds = estimates.expected(cells[0]);
        if (seconds === null) return null;
        sum += cells.length * seconds;
        longest = Math.max(longest, seconds);
      }
      return { sum, longest };
    },
  };
}

/** The more urgent first; of equals the one with more examples, then the one that came first. */
function before(a: Entry, b: Entry): number {
  if (a.urgency !== b.urgency) return b.urgency > a.urgency ? 1 : -1;
  return b.group.examples - a.group.examples || a.group.place - b.group.place;
}
