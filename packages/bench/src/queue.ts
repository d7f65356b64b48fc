import TinyQueue from "tinyqueue";
import type { SuiteCell } from "./cell.js";
import type { Estimates } from "./estimates.js";

/** The cells that wait, those of which nobody knows how long they take first, then the longest. */
export interface CellQueue {
  readonly size: number;
  add(cell: SuiteCell): void;
  /** Takes the next cell out, which runs from now on. */
  take(): SuiteCell | undefined;
  /** A cell that was taken has come to its end, or a new estimate of one. */
  update(cell: SuiteCell, running: boolean): void;
  /** An estimate of the seconds that all waiting cells take one after the other, and the longest; null where there is no ground for one. */
  expected(): { readonly sum: number; readonly longest: number } | null;
}

/** The waiting cells of one spec: they take equally long. */
interface Group {
  readonly cells: SuiteCell[];
  /** The cells of the spec that run now. */
  running: number;
  /** Raised when its urgency changes: entries of the heap with an earlier version are out of date. */
  version: number;
  readonly place: number;
}

interface Entry {
  readonly group: Group;
  readonly version: number;
  /** Seconds; Infinity where a cell is to find out. */
  readonly urgency: number;
}

/** The next cell is found in the logarithm of the number of specs, however many cells wait. */
export function createQueue(estimates: Estimates): CellQueue {
  const groups = new Map<string, Group>();
  const heap = new TinyQueue<Entry>([], before);
  let size = 0;

  function push(group: Group): void {
    group.version++;
    if (group.cells.length > 0) heap.push({ group, version: group.version, urgency: urgencyOf(group) });
  }

  function urgencyOf({ cells: [cell], running }: Group): number {
    return estimates.measured(cell) ?? (running > 0 ? (estimates.expected(cell) ?? 0) : Infinity);
  }

  function groupOf(cell: SuiteCell): Group {
    const found = groups.get(cell.specId) ?? { cells: [], running: 0, version: 0, place: groups.size };
    groups.set(cell.specId, found);
    return found;
  }

  return {
    get size() {
      return size;
    },
    add(cell) {
      const group = groupOf(cell);
      group.cells.push(cell);
      size++;
      push(group);
    },
    take() {
      for (let top = heap.pop(); top; top = heap.pop()) {
        const { group, version } = top;
        const cell = version === group.version ? group.cells.shift() : undefined;
        if (!cell) continue;
        size--;
        group.running++;
        push(group);
        return cell;
      }
      return undefined;
    },
    update(cell, running) {
      const group = groupOf(cell);
      if (!running) group.running--;
      push(group);
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
  const [one, other] = [a.group.cells[0], b.group.cells[0]];
  return (other?.examples ?? 0) - (one?.examples ?? 0) || a.group.place - b.group.place;
}
