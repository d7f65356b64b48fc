import pRetry from "p-retry";
import { MlflowError } from "./error.js";
import { decode, encode, snake } from "./names.js";
import { nonsense, type Outcome, refusal, silence } from "./outcome.js";
import { redactor } from "./secrets.js";
import { positive, type Settings, whole } from "./settings.js";
import { collected, watched, watching } from "./watch.js";

/** What every call of the client takes last. */
export interface CallOptions {
  /** Ends the call, waits included; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of the client's `timeout`, in milliseconds (> 0). */
  readonly timeout?: number | undefined;
  /** Instead of the client's `retries`. */
  readonly retries?: number | undefined;
}

/** One request. */
export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below the tracking URI, encoded, with a slash at its beginning. */
  readonly path: string;
  /** Fields for the query, or for a JSON body, by their names here; undefined ones are left out. */
  readonly query?: object;
  readonly body?: object;
  /** A body that is sent as it is. */
  readonly file?: Blob;
  /** Whether a second time would do something else than the first; it is then repeated only if it was not carried out. */
  readonly once?: boolean;
}

/** An answer of success, its body not yet read. */
interface Answer {
  readonly body: ReadableStream<Uint8Array>;
  readonly headers: Headers;
  readonly outcome: Outcome;
}

export interface Transport {
  /** Sends a request and answers MLflow's JSON, by our names. */
  send<T>(call: Call, options: CallOptions | undefined): Promise<T>;
  /** Sends a request and lets `read` read the answer's body; what fails there counts as a failed attempt. */
  exchange<T>(call: Call, read: (answer: Answer) => Promise<T>, options: CallOptions | undefined): Promise<T>;
  /** Does something again, with waits, as long as it fails in a way that `again` accepts. */
  persist<T>(
    work: () => Promise<T>,
    again: (error: MlflowError) => boolean,
    options: CallOptions | undefined,
  ): Promise<T>;
}

/** The longest wait between two attempts, in seconds; who asks for more by `Retry-After` is not asked again. */
const longestWait = 120;

export function transport(settings: Settings): Transport {
  const { base, fetch } = settings;
  const persist = persistence(settings);
  const redact = redactor(settings.secrets);

  async function attempt<T>(call: Call, read: (answer: Answer) => Promise<T>, options: CallOptions): Promise<T> {
    const limit = positive("timeout", (options.timeout ?? settings.timeout) + (call.file?.size ?? 0) / 1000);
    const watch = watching(limit, options.signal);
    const outcome: Outcome = { call, limit, address: base, redact };
    const explain = (error: unknown): unknown => {
      if (error instanceof MlflowError) return error;
      if (options.signal?.aborted) return options.signal.reason;
      return silence(outcome, watch.late() ? undefined : error);
    };
    await noticed();
    watch.wait();
    try {
      const response = await fetch(urlOf(call, base), { ...requestOf(call, settings.headers), signal: watch.signal });
      watch.rest();
      const body = watched(response.body, watch, explain);
      if (response.ok) return await read({ body, headers: response.headers, outcome });
      throw refusal(outcome, response, await (await collected(body)).text());
    } catch (error) {
      watch.end();
      throw explain(error);
    }
  }

  const exchange: Transport["exchange"] = (call, read, options = {}) =>
    persist(
      () => attempt(call, read, options),
      (error) => error.transient && !(call.once && error.ambiguous),
      options,
    );

  return {
    exchange,
    persist,
    send: <T>(call: Call, options: CallOptions | undefined) =>
      exchange(call, (answer) => json(answer) as Promise<T>, options),
  };
}

function urlOf(call: Call, base: string): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {}))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) query.append(snake(name), String(one));
  return `${base}${call.path}${query.size === 0 ? "" : `?${query}`}`;
}

function requestOf(call: Call, headers: Settings["headers"]): RequestInit {
  const { method } = call;
  if (call.file !== undefined)
    return { method, body: call.file, headers: { ...headers, "content-type": "application/octet-stream" } };
  if (call.body === undefined) return { method, headers: { ...headers } };
  const body = JSON.stringify(encode(call.body));
  return { method, body, headers: { ...headers, "content-type": "application/json" } };
}

/** Does something again, with waits that double, as often as the settings say. */
function persistence(settings: Settings): Transport["persist"] {
  return async <T>(work: () => Promise<T>, again: (error: MlflowError) => boolean, options: CallOptions = {}) => {
    const { signal } = options;
    const { backoff } = settings;
    let attempts = 0;
    const attempt = (number: number): Promise<T> => {
      attempts = number;
      return work();
    };
    try {
      return await pRetry(attempt, {
        retries: whole("retries", options.retries ?? settings.retries),
        minTimeout: backoff,
        factor: 2,
        maxTimeout: longestWait * 1000,
        randomize: true,
        ...(signal && { signal }),
        async shouldRetry({ error, retriesConsumed }) {
          if (!(error instanceof MlflowError) || !again(error)) return false;
          const { retryAfter = 0 } = error;
          if (retryAfter > longestWait) return false;
          // The wait that follows is at least this long, and counts towards what the server asked for.
          const next = Math.min(backoff * 2 ** retriesConsumed, longestWait * 1000);
          const rest = retryAfter * 1000 - next;
          if (rest > 0) await wait(rest, signal);
          return true;
        },
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw error instanceof MlflowError && attempts > 1 ? error.after(attempts) : error;
    }
  };
}

async function json({ body, outcome }: Answer): Promise<unknown> {
  const text = await (await collected(body)).text();
  try {
    return decode(JSON.parse(text || "{}"));
  } catch {
    throw nonsense(outcome);
  }
}

/**
 * Lets the platform take note of connections that the server closed while the program computed without a pause: Node
 * would send a request into such a one, and could not say whether it arrived. Two turns, because timers that are due
 * may come before the network's events.
 */
async function noticed(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await wait(0, undefined);
}

/** Rejects with the signal's reason as soon as it is aborted. */
function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
