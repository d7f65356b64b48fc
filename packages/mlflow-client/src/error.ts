/** What is known about a failure. */
export interface ErrorDetails {
  /**
   * MLflow's error code, such as `RESOURCE_DOES_NOT_EXIST`, or, where no answer of MLflow's came, `UNREACHABLE`,
   * `TIMEOUT` or `INVALID_RESPONSE`.
   */
  readonly code: string;
  /** The HTTP status; absent where no answer came, or nothing was sent. */
  readonly status?: number;
  /** The HTTP method; absent where nothing was to be sent. */
  readonly method?: string;
  /** The path on the server, without query; absent where nothing was to be sent. */
  readonly path?: string;
  /** How often the request was sent; 0 where it was refused before. */
  readonly attempts?: number;
  /** Whether the same request may succeed later. */
  readonly transient?: boolean;
  /** Whether the server may have carried the request out although no answer says so. */
  readonly ambiguous?: boolean;
  /** How many seconds the server asked to wait, if it did. */
  readonly retryAfter?: number;
}

/**
 * The only error of this package, besides the reason of an `AbortSignal`. Its message is a sentence; neither that nor
 * anything else in it holds credentials.
 */
export class MlflowError extends Error implements ErrorDetails {
  override readonly name = "MlflowError";
  readonly code: string;
  declare readonly status?: number;
  declare readonly method?: string;
  declare readonly path?: string;
  readonly attempts: number;
  readonly transient: boolean;
  readonly ambiguous: boolean;
  declare readonly retryAfter?: number;

  constructor(message: string, failure: ErrorDetails) {
    super(message);
    this.code = failure.code;
    this.attempts = failure.attempts ?? 0;
    this.transient = failure.transient ?? false;
    this.ambiguous = failure.ambiguous ?? false;
    if (failure.status !== undefined) this.status = failure.status;
    if (failure.method !== undefined) this.method = failure.method;
    if (failure.path !== undefined) this.path = failure.path;
    if (failure.retryAfter !== undefined) this.retryAfter = failure.retryAfter;
  }

  /** The same error, of the last of several attempts. */
  after(attempts: number): MlflowError {
    return new MlflowError(`${this.message} It was tried ${attempts} times.`, { ...(this as ErrorDetails), attempts });
  }

  /** The error as a record for a log: all fields and the message, without the stack. */
  toJSON(): ErrorDetails & { readonly name: string; readonly message: string } {
    return { ...(this as ErrorDetails), name: this.name, message: this.message };
  }
}

/** The error for a request that is wrong before it is sent; its code is what MLflow says of such a request. */
export function invalid(message: string): MlflowError {
  return new MlflowError(message, { code: "INVALID_PARAMETER_VALUE" });
}
