/** Shorter ones would be found within ordinary words, and taking them out would tell where. */
const shortest = 4;

/**
 * A function that takes credentials out of texts that come from elsewhere, such as a server's message that repeats a
 * header: as they are, and as they look in a URL, in JSON and in HTML.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.length >= shortest));
  const longestFirst = [...forms].toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, form) => rest.replaceAll(form, "[redacted]"), text);
}

function formsOf(secret: string): string[] {
  const wellFormed = new TextDecoder().decode(new TextEncoder().encode(secret));
  return [
    secret,
    encodeURIComponent(wellFormed),
    JSON.stringify(secret).slice(1, -1),
    inHtml(secret, "&quot;", "&#39;"),
    inHtml(secret, "&#34;", "&#x27;"),
  ];
}

const inHtml = (text: string, quote: string, apostrophe: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', quote)
    .replaceAll("'", apostrophe);
