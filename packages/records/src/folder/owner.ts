import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "@everlearn/digest";

/** The process that a lock belongs to, as the name of its file says. */
export interface Owner {
  readonly pid: number;
  /** When it began, in the system's ticks: with its number it names one process of a boot; "0" where the system does not say. */
  readonly start: string;
  /** The number of its process namespace, in which alone its number means anything; "0" where there are none. */
  readonly namespace: string;
  /** The boot of its machine; "0" where the system does not say. */
  readonly boot: string;
  /** The machine's name, and the beginning of the hash of its id. */
  readonly host: string;
}

const pattern = /^lock~(\d+)~(\d+)~(\d+)~([0-9a-f]+)~([\w.-]+)$/;
/** The number that Linux gives the namespace of a machine itself, outside of all containers. */
const outermost = "4026531836";

function read(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}

function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
  } catch {
    return "0";
  }
}

/** This process. */
export const own: Owner = {
  pid: process.pid,
  start: startOf(process.pid) ?? "0",
  namespace: namespace(),
  boot: read("/proc/sys/kernel/random/boot_id").replaceAll("-", "") || "0",
  host: `${hostname()
    .replaceAll(/[^\w.-]/g, "_")
    .slice(0, 64)}.${sha256(read("/etc/machine-id")).slice(0, 8)}`,
};

/**
 * The name of a lock. No run can have it, since names of runs hold no "~", and no two processes have the same, on whatever
 * machine and in whatever container.
 */
export function lockName({ pid, start, namespace, boot, host }: Owner): string {
  return `lock~${pid}~${start}~${namespace}~${boot}~${host}`;
}

/** The owner that a file's name tells of; undefined where it is no lock. */
export function ownerOf(name: string): Owner | undefined {
  const [, pid, start, namespace, boot, host] = pattern.exec(name) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), start, namespace, boot, host };
}

/**
 * Whether a process lives, as far as can be told from here: only of those in our own namespace and boot, and of those of an
 * earlier boot of this machine. Of others nothing is known, such as those in another container or on another machine.
 */
export function stateOf(owner: Owner): "alive" | "dead" | "unknown" {
  const { pid, start, namespace, boot, host } = owner;
  if (host === own.host && boot === own.boot && namespace === own.namespace) {
    const now = startOf(pid);
    if (now === undefined || now !== start) return "dead";
    return start === "0" ? "unknown" : "alive";
  }
  // Containers of several machines may have one name; machines themselves have names and ids of their own.
  const isMachine = namespace === outermost && own.namespace === outermost;
  return host === own.host && boot !== own.boot && isMachine ? "dead" : "unknown";
}

/** Undefined where the process has ended. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18]; // a killed process stays until its parent asks
  } catch {
    return process.platform !== "linux" && isAlive(pid) ? "0" : undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
