import { distance } from "fastest-levenshtein";

/** How a sentence about an unknown name ends: with the names near it, then all there are. */
export function suggestion(word: string, names: Iterable<string>, heading: string): string {
  const all = [...new Set(names)].sort();
  if (all.length === 0) return `. ${heading}: none.`;
  const reach = Math.max(1, Math.floor(word.length / 3));
  const near = all.filter((name) => distance(word.toLowerCase(), name.toLowerCase()) <= reach);
  const list = `${heading}: ${all.join(", ")}.`;
  return near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(" or ")}? ${list}` : `. ${list}`;
}
