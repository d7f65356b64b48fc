import { printable } from "@everlearn/records";
import { err } from "./color.js";

/** The end of a command that its user asked for or can put right; the message says everything they need to know. */
export class Failure extends Error {
  override name = "Failure";
  readonly status: number;
  /** @param cause the error behind it, which --debug shows */
  constructor(message: string, status = 1, cause?: Error) {
    super(message, cause && { cause });
    this.status = status;
  }
}

/** Writes a sentence to standard error, under the command's name. What strangers wrote into it cannot move the cursor. */
export function warn(message: string): void {
  process.stderr.write(`${err.red("everlearn:")} ${printable(message)}\n`);
}

/** Says what went wrong, with stack traces only where the user asks for them. @returns the exit status */
export function report(error: unknown, debug: boolean): number {
  warn(error instanceof Error ? error.message : String(error));
  if (debug && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      process.stderr.write(`${cause.stack}\n`);
  }
  return error instanceof Failure ? error.status : 1;
}
