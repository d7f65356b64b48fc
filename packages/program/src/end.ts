/** The end of a program that gave no answer, as its thread tells it. */
export interface ProgramEnd {
  readonly type: "ended" | "hung" | "strange";
  readonly code?: number | null;
  readonly signal?: string | null;
  /** The system's code where it did not even start, such as ENOENT. */
  readonly reason?: string;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
}

/** Says in a sentence what became of a program. @param command as it was started */
export function sentenceOf(end: ProgramEnd, command: readonly string[], patience: number): string {
  const who = `The program "${command.join(" ")}"`;
  if (end.type === "hung") return `${who} gave no answer for ${patience} s, and was ended.`;
  if (end.type === "strange")
    return `${who} wrote something to standard output that is no frame of the protocol; what is to be read goes to standard error.`;
  if (end.reason === "ENOENT") return `${who} cannot be started: there is no "${command[0]}" here; install it.`;
  if (end.reason !== undefined) return `${who} cannot be started (${end.reason}).`;
  const how = end.signal ? `was ended by ${end.signal}` : `ended with exit status ${end.code ?? 0}`;
  const last = end.stderr.trimEnd().split("\n").at(-1)?.trim();
  return `${who} ${how} before it had answered${last ? `: ${last.slice(0, 500)}` : ""}.`;
}
