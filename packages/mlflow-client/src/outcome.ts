import { MlflowError } from "./error.js";
import { retryAfter } from "./retry-after.js";

/** An attempt that failed, as far as its error tells of it. */
export interface Outcome {
  readonly call: { readonly method: string; readonly path: string };
  /** How long it was given, in milliseconds. */
  readonly limit: number;
  /** Where the server is, without credentials. */
  readonly address: string;
  readonly redact: (text: string) => string;
}

/** What may go away by itself; MLflow's own client repeats the same ones. */
const transient: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** Of these, those that say that the request was not carried out. */
const untouched: ReadonlySet<number> = new Set([429, 503]);

/** MLflow answers 400 where it had no connection to its database to spare: in its words, SQLAlchemy's. */
const crowded = /^QueuePool limit of size .* timed out/;

/**
 * It also answers 400 where two requests insert the same row at the same moment, such as a data set that two runs read:
 * nothing of the second is kept, and when it is sent again, the row is there. In the words of SQLite, PostgreSQL, MySQL.
 */
const raced = /^\(\S+\.(?:IntegrityError|UniqueViolation)\) (?:UNIQUE constraint failed|duplicate key value|\(1062, )/;

/** What Node says of connections that never came about: of these the server knows nothing. */
const unconnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** MLflow's code for a status, where the answer does not name one. */
const codes: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "ENDPOINT_NOT_FOUND",
  429: "REQUEST_LIMIT_EXCEEDED",
  501: "NOT_IMPLEMENTED",
  503: "TEMPORARILY_UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

const advice: Readonly<Record<string, string>> = {
  UNAUTHENTICATED:
    " Give auth, or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN; if they are given, they are wrong.",
  ENDPOINT_NOT_FOUND: " Is the tracking URI that of an MLflow server, and is the server new enough for this call?",
};

/** The longest part of a server's message that an error repeats. */
const longestMessage = 2000;

/** The error for an answer that is none of success. */
export function refusal(outcome: Outcome, response: Response, text: string): MlflowError {
  const { call, redact } = outcome;
  const { status } = response;
  const said = spoken(text);
  const code = redact(said.code ?? codes[status] ?? (status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR"));
  const wait = retryAfter(response.headers);
  const { message = "" } = said;
  const passing = transient.has(status) || crowded.test(message) || raced.test(message);
  const sentences = [
    `MLflow answered ${call.method} ${redact(call.path)} with ${code} (${status})`,
    said.message === undefined ? "." : `: ${sentence(redact(said.message))}`,
    wait === undefined ? "" : ` It asks to wait for ${Math.ceil(wait)} s.`,
    advice[code] ?? "",
  ];
  return new MlflowError(sentences.join(""), {
    code,
    status,
    method: call.method,
    path: redact(call.path),
    attempts: 1,
    transient: passing,
    ambiguous: passing && !untouched.has(status) && !raced.test(message),
    ...(wait !== undefined && { retryAfter: wait }),
  });
}

/** The error where no answer came, or not all of it: with what went wrong, or without where time ran out. */
export function silence(outcome: Outcome, error?: unknown): MlflowError {
  const { call, limit, address, redact } = outcome;
  const what = `${call.method} ${redact(call.path)}`;
  const known = { method: call.method, path: redact(call.path), attempts: 1, transient: true };
  if (error === undefined)
    return new MlflowError(
      `MLflow at ${redact(address)} sent nothing for ${limit / 1000} s on ${what}; a longer timeout gives it more time.`,
      { ...known, code: "TIMEOUT", ambiguous: true },
    );
  const { code, reason } = reasonOf(error);
  return new MlflowError(
    `The connection to MLflow at ${redact(address)} failed on ${what}: ${sentence(redact(reason))}`,
    {
      ...known,
      code: "UNREACHABLE",
      ambiguous: !unconnected.has(code),
    },
  );
}

/** The error for an answer of success that is not what MLflow answers. */
export function nonsense({ call, redact }: Outcome): MlflowError {
  const path = redact(call.path);
  return new MlflowError(
    `What answered ${call.method} ${path} is not MLflow, for it sent no JSON; is the tracking URI right, and does no login page stand before the server?`,
    { code: "INVALID_RESPONSE", method: call.method, path, attempts: 1, ambiguous: true },
  );
}

const sentence = (text: string): string =>
  text
    .slice(0, longestMessage)
    .trim()
    .replace(/(?<![.!?])$/, ".");

/** What an answer says of an error: `{"error_code", "message"}` from MLflow; anything from what stands before it. */
function spoken(text: string): { code?: string; message?: string } {
  try {
    const { error_code: code, message } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return {
      ...(typeof code === "string" && code !== "" && { code }),
      ...(typeof message === "string" && message !== "" && { message }),
    };
  } catch {
    return /^\s*(<|$)/.test(text) ? {} : { message: text }; // a page of HTML says less than the status
  }
}

/** Node hides the reason in `cause`; browsers say nothing. */
function reasonOf(error: unknown): { code: string; reason: string } {
  const { code, message } = ((error as Error | undefined)?.cause ?? error ?? {}) as {
    code?: unknown;
    message?: unknown;
  };
  const known = typeof code === "string" ? code : "";
  const told = typeof message === "string" && message !== "" ? message : "the connection failed";
  return { code: known, reason: known === "" || told.includes(known) ? told : `${told} (${known})` };
}
