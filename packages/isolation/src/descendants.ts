import { readdirSync, readFileSync } from "node:fs";

/** What the system says of a process and of all that it has started, where it tells: on Linux. */
export interface TreeUsage {
  readonly cpuSeconds: number;
  /** The sum of the most bytes of memory that each had. */
  readonly peakBytes: number;
  /** What they have now. */
  readonly bytes: number;
}

/** Clock ticks in a second, as /proc counts them on every Linux that Node runs on. */
const TICKS = 100;

/** Adds up what a process and its descendants take; undefined on another system, or where the process has ended. */
export function treeUsage(pid: number): TreeUsage | undefined {
  const own = usageOf(pid);
  if (!own) return undefined;
  return childrenOf(pid)
    .map(treeUsage)
    .filter((one) => one !== undefined)
    .reduce(
      (sum, one) => ({
        cpuSeconds: sum.cpuSeconds + one.cpuSeconds,
        peakBytes: sum.peakBytes + one.peakBytes,
        bytes: sum.bytes + one.bytes,
      }),
      own,
    );
}

function usageOf(pid: number): TreeUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const bytesOf = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
    // Its own time, and that of children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { cpuSeconds: ticks / TICKS, peakBytes: bytesOf("VmHWM"), bytes: bytesOf("VmRSS") };
  } catch {
    return undefined;
  }
}

/** A process is a child of the thread that started it. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
