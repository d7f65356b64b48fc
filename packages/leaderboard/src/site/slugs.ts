/**
 * A file name without ending for each text: `[a-z0-9._-]`, unlike each other, and allowed by every file system. A text
 * that is such a name already stays, unless another was first.
 */
export function slugs(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return texts.map((text) => {
    const base = slug(text);
    let found = base;
    for (let k = next.get(base) ?? 2; taken.has(found); k++) {
      found = `${base}-${k}`;
      next.set(base, k + 1);
    }
    taken.add(found);
    return found;
  });
}

function slug(text: string): string {
  const plain = text
    .slice(0, 200)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[.-]+|[.-]+$/g, "")
    .slice(0, 64)
    .replace(/[.-]+$/, "");
  // Windows keeps these names for devices, whatever their ending.
  return /^(con|prn|aux|nul|com\d|lpt\d|)(\.|$)/.test(plain) ? `x-${plain}` : plain;
}
