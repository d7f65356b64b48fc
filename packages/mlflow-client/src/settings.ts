import { invalid } from "./error.js";

/** How requests say who sends them: HTTP Basic, Bearer, or not at all. */
export type Auth = { readonly username: string; readonly password: string } | { readonly token: string } | "none";

/** Variables by name, such as `process.env`. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** What a client is made from. Every option has one of MLflow's own environment variables as its default. */
export interface ClientOptions {
  /**
   * Where the server is: `http:` or `https:`, with a path if it is served below one. User and password in it are taken
   * as Basic credentials. Default: `MLFLOW_TRACKING_URI`; without either there is no client.
   */
  readonly trackingUri?: string | undefined;
  /**
   * Default: what the URI says, else `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD` (both, as Basic), else
   * `MLFLOW_TRACKING_TOKEN` (as Bearer), else none.
   */
  readonly auth?: Auth | undefined;
  /** Sent with every request, for gateways and the like. Their values are kept out of errors as credentials are. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What sends the requests; the platform's own by default. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * How long the server may send nothing, in milliseconds (> 0), before an attempt counts as failed. An upload has one
   * second more for each megabyte. Default: `MLFLOW_HTTP_REQUEST_TIMEOUT` (in seconds), else 120,000.
   */
  readonly timeout?: number | undefined;
  /** How often a failed request is repeated, 0 or more. Default: `MLFLOW_HTTP_REQUEST_MAX_RETRIES`, else 7. */
  readonly retries?: number | undefined;
  /**
   * How long to wait before the first repetition, in milliseconds (≥ 0); each further wait is twice as long, up to two
   * minutes, and up to as much again is added at random. Default: `MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR` (in seconds),
   * else 2,000.
   */
  readonly backoff?: number | undefined;
  /** The experiment of new runs that name none. Default: `MLFLOW_EXPERIMENT_ID`. */
  readonly experimentId?: string | undefined;
  /** The same by name, made when first needed; the id goes before it. Default: `MLFLOW_EXPERIMENT_NAME`. */
  readonly experimentName?: string | undefined;
  /** The run that a launcher wants continued; only passed on as `client.runId`. Default: `MLFLOW_RUN_ID`. */
  readonly runId?: string | undefined;
  /** Where the defaults come from: `process.env` where there is one. */
  readonly environment?: EnvironmentVariables | undefined;
}

/** Options with the environment's defaults, checked. */
export interface Settings {
  /** The tracking URI without credentials and without a slash at its end. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must not be shown. */
  readonly secrets: readonly string[];
  readonly fetch: typeof globalThis.fetch;
  readonly timeout: number;
  readonly retries: number;
  readonly backoff: number;
  readonly experimentId: string | undefined;
  readonly experimentName: string | undefined;
  readonly runId: string | undefined;
}

export function settingsOf(options: ClientOptions): Settings {
  const environment = options.environment ?? ownEnvironment();
  const variable = (name: string): string | undefined => environment[`MLFLOW_${name}`] || undefined;
  const number = (name: string): number | undefined => {
    const text = variable(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0) throw invalid(`MLFLOW_${name} must be a number of at least 0.`);
    return value;
  };
  const seconds = (name: string): number | undefined => {
    const value = number(name);
    return value === undefined ? undefined : value * 1000;
  };

  const { base, auth: inside } = address(options.trackingUri ?? variable("TRACKING_URI"));
  const auth = options.auth ?? inside ?? authOf(variable);
  const { authorization, secrets } = credentials(auth);
  const extra = options.headers ?? {};
  checkHeaders(extra);

  return {
    base,
    headers: authorization === undefined ? extra : { ...extra, authorization },
    secrets: [...secrets, ...Object.values(extra)],
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeout: positive("timeout", options.timeout ?? seconds("HTTP_REQUEST_TIMEOUT") ?? 120_000),
    retries: whole("retries", options.retries ?? number("HTTP_REQUEST_MAX_RETRIES") ?? 7),
    backoff: atLeastZero("backoff", options.backoff ?? seconds("HTTP_REQUEST_BACKOFF_FACTOR") ?? 2000),
    experimentId: options.experimentId ?? variable("EXPERIMENT_ID"),
    experimentName: options.experimentName ?? variable("EXPERIMENT_NAME"),
    runId: options.runId ?? variable("RUN_ID"),
  };
}

function ownEnvironment(): EnvironmentVariables {
  return (globalThis as { process?: { env?: EnvironmentVariables } }).process?.env ?? {};
}

/** No message here shows the URI: where it cannot be read, nobody knows which part of it is a password. */
function address(uri: string | undefined): { base: string; auth: Auth | undefined } {
  if (uri === undefined)
    throw invalid(
      "No MLflow server is named; give trackingUri, or set MLFLOW_TRACKING_URI, such as http://127.0.0.1:5000.",
    );
  if (!URL.canParse(uri)) throw invalid("The MLflow tracking URI is no URL; one looks like http://127.0.0.1:5000.");
  const url = new URL(uri);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw invalid(
      `This client speaks HTTP with an MLflow server; a tracking URI that begins with "${url.protocol}" names none. Start "mlflow server" and give its http: or https: address.`,
    );
  if (url.search !== "" || url.hash !== "")
    throw invalid("The MLflow tracking URI must end with its path: a query or fragment has no meaning in it.");
  const auth =
    url.username === "" && url.password === ""
      ? undefined
      : { username: decoded(url.username), password: decoded(url.password) };
  return { base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`, auth };
}

function decoded(userinfo: string): string {
  try {
    return decodeURIComponent(userinfo);
  } catch {
    throw invalid('User and password in the MLflow tracking URI must be percent-encoded: "%" is written "%25".');
  }
}

function authOf(variable: (name: string) => string | undefined): Auth {
  const username = variable("TRACKING_USERNAME");
  const password = variable("TRACKING_PASSWORD");
  if (username !== undefined && password !== undefined) return { username, password };
  const token = variable("TRACKING_TOKEN");
  return token === undefined ? "none" : { token };
}

function credentials(auth: Auth): { authorization?: string; secrets: readonly string[] } {
  if (auth === "none") return { secrets: [] };
  if ("token" in auth) {
    if (!/^[\x21-\x7e]+$/.test(auth.token))
      throw invalid("The MLflow token has characters that a header cannot carry, such as a space or a line break.");
    return { authorization: `Bearer ${auth.token}`, secrets: [auth.token] };
  }
  if (auth.username.includes(":")) throw invalid("An MLflow user's name cannot have a colon in it.");
  const bytes = new TextEncoder().encode(`${auth.username}:${auth.password}`);
  const encoded = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return { authorization: `Basic ${encoded}`, secrets: [auth.username, auth.password, encoded] };
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const carried = (name: string, value: string): boolean => {
    try {
      return new Headers([[name, value]]).has(name);
    } catch {
      return false;
    }
  };
  for (const [name, value] of Object.entries(headers))
    if (!carried(name, value))
      throw invalid(`The header ${JSON.stringify(name)} has a name or a value that HTTP cannot carry.`);
}

/** Timers hold 31 bits of milliseconds, about 24 days. */
const longestTimer = 2 ** 31 - 1;

export function positive(name: string, value: number): number {
  if (!(value > 0)) throw invalid(`${name} must be a number of milliseconds above 0.`);
  return Math.min(value, longestTimer);
}

function atLeastZero(name: string, value: number): number {
  if (!(value >= 0)) throw invalid(`${name} must be a number of milliseconds, 0 or more.`);
  return Math.min(value, longestTimer);
}

export function whole(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0) throw invalid(`${name} must be a whole number, 0 or more.`);
  return value;
}
