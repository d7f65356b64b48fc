import { DivergedError } from "@everlearn/contracts";
import type { Learned, Reply } from "@everlearn/loop";

/** The header of a reply. Numbers that JSON does not have are strings: "NaN", "Infinity", "-Infinity". */
export interface ReplyHeader {
  readonly type: "reply";
  readonly gradients: number;
  /** To "train": gradients so far after each batch that was learned, and its loss or null. */
  readonly learned?: readonly (readonly [gradients: number, loss: number | string | null])[];
  /** To "save". */
  readonly bytes?: number;
  /** To "theta": whether there is a network. */
  readonly network?: boolean;
  readonly error?: SentError;
}

/** An error as another process can be told of it. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** The error's name and message, the latter of bounded length. */
export function sentError(error: unknown): SentError {
  const { name, message, stack }: { name: unknown; message: unknown; stack?: unknown } =
    error instanceof Error ? error : new Error(String(error));
  const short = { name: String(name).slice(0, 100), message: String(message).slice(0, 10_000) };
  return typeof stack === "string" ? { ...short, stack: stack.slice(0, 10_000) } : short;
}

/** The error that was sent: of the class that tells how a run ends where that matters. */
function revivedError({ name, message, stack }: SentError): Error {
  const error = name === "DivergedError" ? new DivergedError(Number.NaN) : new Error(message);
  error.name = name;
  error.message = message;
  if (stack !== undefined) error.stack = stack;
  return error;
}

export function sentLearned(learned: readonly Learned[]): NonNullable<ReplyHeader["learned"]> {
  return learned.map(({ gradients, loss }) => {
    if (loss === undefined) return [gradients, null];
    return [gradients, Number.isFinite(loss) ? loss : String(loss)];
  });
}

/** The fields of a reply that its header tells. @throws RangeError where it is not one */
export function replyIn(header: Readonly<Record<string, unknown>>): Reply {
  const { type, gradients, learned, bytes, error } = header as Partial<ReplyHeader>;
  if (type !== "reply" || !isCount(gradients) || (bytes !== undefined && !isCount(bytes)))
    throw new RangeError("The learner's process answered something that is no reply.");
  return {
    gradients,
    ...(learned && {
      learned: learned.map(
        ([so, loss]): Learned => ({ gradients: so, ...(loss === null ? {} : { loss: Number(loss) }) }),
      ),
    }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(error && { error: revivedError(error) }),
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
