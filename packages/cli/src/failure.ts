import { err } from "./color.js";

/** An end of the command that its user asked for or can mend; the message says all. */
export class Failure extends Error {
  override name = "Failure";
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Tells the user what went wrong, without a stack trace unless they ask for it. @returns the exit status */
export function report(error: unknown, debug: boolean): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${err.red("everlearn:")} ${message}\n`);
  if (debug && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      process.stderr.write(`${cause.stack}\n`);
  }
  return error instanceof Failure ? error.status : 1;
}
