// The thread that speaks with a program, so that the learner, whose calls are synchronous, can wait for it.
import { type ChildProcess, spawn } from "node:child_process";
import { workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { ProgramEnd } from "./end.js";
import { createFrameParser, type Frame, headOf } from "./frame.js";

/** What a thread is told of its program. */
export interface ThreadData {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Seconds for which an answer is waited for. */
  readonly patience: number;
  readonly port: MessagePort;
  /** Counts what was posted to the port. */
  readonly posted: Int32Array<SharedArrayBuffer>;
}

/** Characters of standard error that are kept. */
const KEPT = 16_384;

const { command, env, patience, port, posted } = workerData as ThreadData;
let stderr = "";
let clock: NodeJS.Timeout | undefined;
let ended = false;

function post(message: Frame | ProgramEnd): void {
  clearTimeout(clock);
  port.postMessage(message);
  Atomics.add(posted, 0, 1);
  Atomics.notify(posted, 0);
}

function end(how: Omit<ProgramEnd, "stderr">): void {
  if (ended) return;
  ended = true;
  child.kill("SIGKILL");
  post({ ...how, stderr });
}

const [file, ...args] = command;
const child: ChildProcess = spawn(file, args, { env, stdio: ["pipe", "pipe", "pipe"] });
child.on("error", (error: NodeJS.ErrnoException) => end({ type: "ended", reason: error.code ?? error.message }));
child.on("close", (code, signal) => end({ type: "ended", code, signal }));
child.stderr?.setEncoding("utf8").on("data", (text: string) => {
  stderr = (stderr + text).slice(-KEPT);
  process.stderr.write(text);
});
const parse = createFrameParser((frame) => {
  // Whole, and nobody else's: what is posted is copied.
  if (!ended) post({ header: frame.header, body: frame.body });
});
child.stdout?.on("data", (chunk: Buffer) => {
  try {
    parse(chunk);
  } catch {
    end({ type: "strange" });
  }
});
child.stdin?.on("error", () => {}); // it ends with the program

const give = (): void => {
  ended = true;
  child.kill("SIGKILL");
};
port.on("message", (message: Frame | null) => {
  if (message === null) give();
  if (message === null || ended) return;
  const { header, body } = message;
  clock = setTimeout(() => end({ type: "hung" }), 1000 * patience);
  child.stdin?.write(headOf(header, body.length));
  if (body.length > 0) child.stdin?.write(body);
});
port.on("close", give);
