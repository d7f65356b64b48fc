import type { ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";

/** The end of a process that did not answer. */
export interface Exit {
  readonly type: "exited";
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
  /** The bytes of memory that it had when it ended itself for exceeding its limit. */
  readonly memory?: number;
}

/** The number of characters of standard error that are kept. */
const KEPT = 16_384;
/** Milliseconds for which output of a process that has ended is waited for: its own children may hold its pipes. */
const FINAL_OUTPUT = 1000;
/** The first lines of V8's report when it gives up, which is long and meant for its developers. */
const fatal = /^(?:<--- Last few GCs|FATAL ERROR|#$)/;

/** Waits for the end of a process that has `parent-watchdog.js` in a thread, whose pipe is its fourth. */
export function exitOf(child: ChildProcess): Promise<Exit> {
  let stderr = "";
  let memory = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-KEPT);
  });
  (child.stdio[4] as Duplex)
    .setEncoding("utf8")
    .on("data", (text: string) => (memory += text))
    .on("error", () => {}); // it ends with the process
  return new Promise((resolve) => {
    let how: Pick<Exit, "code" | "signal"> = { code: null, signal: null };
    const end = () => resolve({ type: "exited", ...how, stderr, ...(memory === "" ? {} : { memory: Number(memory) }) });
    child.on("error", (error) => {
      stderr += error.message;
      if (child.pid === undefined) end(); // it did not even start
    });
    child.on("exit", (code, signal) => {
      how = { code, signal };
      setTimeout(end, FINAL_OUTPUT).unref();
    });
    child.on("close", end);
  });
}

/** Passes on the lines that a process writes, V8's last words left out. */
export function passLines(stream: Readable, pass: (line: string) => void): void {
  let rest = "";
  let dying = false;
  const passLine = (line: string) => {
    dying ||= fatal.test(line);
    if (!dying && line.trim() !== "") pass(line);
  };
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(-KEPT);
    lines.forEach(passLine);
  });
  stream.on("end", () => passLine(rest));
}
