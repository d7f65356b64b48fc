import { MlflowError } from "./error.js";

/** What a search may say besides what it looks for. */
export interface Paging {
  /** How many results a page has at most. */
  readonly maxResults?: number | undefined;
  /** Where a page begins: the `nextPageToken` of the one before. */
  readonly pageToken?: string | undefined;
}

/** A part of a search's results. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Present where there are more. */
  readonly nextPageToken?: string;
}

/** A page as MLflow's answers have it. An empty token means that there is no further page, as none does. */
export function pageOf<T>(items: readonly T[], nextPageToken: string | undefined): Page<T> {
  return { items, ...(nextPageToken && { nextPageToken }) };
}

/** All results, page after page, each asked for when it is needed. */
export async function* everyPage<T, Query extends Paging>(
  query: Query,
  page: (query: Query) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string | undefined>([query.pageToken]);
  for (let next = query; ; ) {
    const { items, nextPageToken } = await page(next);
    yield* items;
    if (nextPageToken === undefined) return;
    if (seen.has(nextPageToken))
      throw new MlflowError(
        "MLflow sent the same page token twice; a search would never end. Narrow it, or ask page by page.",
        {
          code: "INVALID_RESPONSE",
        },
      );
    seen.add(nextPageToken);
    next = { ...query, pageToken: nextPageToken };
  }
}
