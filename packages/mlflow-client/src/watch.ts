/** The end of one attempt: by its time limit, or by the caller's signal. */
export interface Watch {
  readonly signal: AbortSignal;
  /** Whether the time limit ended it. */
  readonly late: () => boolean;
  /** From now on the limit counts; again: from the beginning. */
  readonly wait: () => void;
  /** The limit does not count until `wait`. */
  readonly rest: () => void;
  /** Nothing is left to be ended. */
  readonly end: () => void;
}

export function watching(limit: number, caller: AbortSignal | undefined): Watch {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late = false;
  const abort = () => controller.abort(caller?.reason);
  const rest = () => clearTimeout(timer);
  if (caller?.aborted) abort();
  else caller?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    late: () => late,
    wait() {
      rest();
      timer = setTimeout(() => {
        late = true;
        controller.abort();
      }, limit);
    },
    rest,
    end() {
      rest();
      caller?.removeEventListener("abort", abort);
    },
  };
}

/**
 * A body whose chunks each have to come within the time limit, counted only while somebody waits for one. What goes
 * wrong in it is told by `explain`.
 */
export function watched(
  body: ReadableStream<Uint8Array> | null,
  watch: Watch,
  explain: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = (body ?? new Blob().stream()).getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watch.wait();
        try {
          const { done, value } = await reader.read();
          watch.rest();
          if (!done) {
            controller.enqueue(value);
            return;
          }
          watch.end();
          controller.close();
        } catch (error) {
          watch.end();
          controller.error(explain(error));
        }
      },
      async cancel(reason) {
        watch.end();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** All of a stream. */
export async function collected(stream: ReadableStream<Uint8Array>, type = ""): Promise<Blob> {
  const reader = stream.getReader();
  const chunks: BlobPart[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks, { type });
    chunks.push(value as Uint8Array<ArrayBuffer>);
  }
}
