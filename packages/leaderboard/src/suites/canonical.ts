/** JSON with sorted keys: equal texts for equal values. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}

/** The most common value, each counted by its weight; of equally common ones the first by text. */
export function mostCommon<T>(values: readonly T[], weights: readonly number[] = []): T {
  const counts = new Map<string, { value: T; count: number }>();
  for (const [i, value] of values.entries()) {
    const key = canonical(value);
    const known = counts.get(key) ?? { value, count: 0 };
    counts.set(key, { ...known, count: known.count + (weights[i] ?? 1) });
  }
  const [[, { value }]] = [...counts].sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
  return value;
}
