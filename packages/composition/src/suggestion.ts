import { distance } from "fastest-levenshtein";

/** The end of a message about an unknown name: the names that are most similar to it, then all names. */
export function suggestion(unknown: string, names: Iterable<string>, heading: string): string {
  const all = [...new Set(names)].sort();
  if (all.length === 0) return `. ${heading}: none.`;
  const far = all.map((name) => distance(unknown.toLowerCase(), name.toLowerCase()));
  const nearest = Math.min(...far);
  const reach = unknown.length > 3 ? Math.max(2, Math.floor(unknown.length / 3)) : 1; // two letters swapped are 2
  const near = nearest <= reach ? all.filter((_, i) => far[i] === nearest) : [];
  const list = `${heading}: ${all.join(", ")}.`;
  return near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(" or ")}? ${list}` : `. ${list}`;
}
