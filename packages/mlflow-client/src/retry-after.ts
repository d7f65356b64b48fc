/**
 * What the header `Retry-After` asks to wait (RFC 9110, section 10.2.3), in seconds; undefined where it is absent or
 * means nothing. It holds whole seconds or a date; a date counts from the server's own `Date`, so that clocks need not
 * agree.
 */
export function retryAfter(headers: Headers, now: () => number = Date.now): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(value)) return Number(value);
  const until = httpDate(value);
  if (until === undefined) return undefined;
  return Math.max(0, (until - (httpDate(headers.get("date") ?? "") ?? now())) / 1000);
}

/** `Date.parse` takes nearly anything for a date; in HTTP they end with GMT. */
function httpDate(text: string): number | undefined {
  const time = text.endsWith(" GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
