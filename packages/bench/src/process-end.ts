import type { Exit } from "@everlearn/isolation";
import type { Answer } from "./child-process.js";
import type { FailureStatus } from "./status.js";

/** The end of a process that was killed because it took too long. */
export interface Timeout {
  readonly type: "timeout";
  readonly message: string;
}

const heap = /heap out of memory|allocation failed/i;

/** The status of a cell whose process gave no result. */
export function statusOf(answer: Answer | Timeout): FailureStatus {
  if (answer.type === "timeout") return "timed-out";
  if (answer.type === "failed") return answer.outOfMemory ? "out-of-memory" : "failed";
  const exit = exitIn(answer);
  if (!exit) return "failed";
  return exit.memory !== undefined || heap.test(exit.stderr) ? "out-of-memory" : "crashed";
}

/** Explains in a sentence why a process gave no result. @param granted bytes of memory that it may have had */
export function describeEnd(answer: Answer | Timeout, granted: number | null = null): string {
  if (answer.type === "timeout" || answer.type === "failed") return answer.message;
  if (answer.type === "refused") return answer.problems.join(" ");
  const exit = exitIn(answer);
  if (!exit) return `It answered "${answer.type}" instead.`;
  const { code, signal, stderr, memory } = exit;
  if (memory !== undefined && granted !== null)
    return `Its process had ${bytes(memory)} of memory, of which the suite's budget grants ${bytes(granted)}.`;
  if (heap.test(stderr))
    return "Its process had no room left on its heap; NODE_OPTIONS=--max-old-space-size=MB grants more.";
  const how = signal === null ? `ended with exit status ${code}` : `was ended by ${signal}`;
  const hint = signal === "SIGKILL" ? ", as the system does where memory runs out" : "";
  const error = /^\w*Error\b.*$/m.exec(stderr)?.[0];
  return `Its process ${how}${hint}${error === undefined ? "" : ` (${error})`}.`;
}

/** The end of the process that was at work: the cell's, or its learner's. */
function exitIn(answer: Answer | Timeout): Exit | undefined {
  if (answer.type === "learner exited") return answer.exit;
  return answer.type === "exited" ? answer : undefined;
}

const bytes = (count: number): string => `${count.toLocaleString("en")} bytes`;
