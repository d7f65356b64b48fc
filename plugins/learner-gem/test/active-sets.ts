/** The x with Mx = b, by elimination with pivots. */
function solve(M: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = M.map((row, i) => [...row, b[i]]);
  rows.forEach((_, c) => {
    const pivot = rows.reduce((best, row, i) => (i >= c && Math.abs(row[c]) > Math.abs(rows[best][c]) ? i : best), c);
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    rows.forEach((row, i) => {
      if (i === c) return;
      const factor = row[c] / rows[c][c];
      row.forEach((_, j) => (row[j] -= factor * rows[c][j]));
    });
  });
  return rows.map((row, i) => row[row.length - 1] / row[i]);
}

/** The v ≥ margin that minimises ½vᵀPv + qᵀv: the best of those found by fixing each subset of v at the margin. */
export function best(P: readonly (readonly number[])[], q: readonly number[], margin: number): number[] {
  let found: { v: number[]; value: number } | undefined;
  for (let fixed = 0; fixed < 2 ** q.length; fixed++) {
    const free = q.map((_, i) => i).filter((i) => Math.floor(fixed / 2 ** i) % 2 === 0);
    const held = q.map((_, i) => i).filter((i) => !free.includes(i));
    const some = solve(
      free.map((i) => free.map((j) => P[i][j])),
      free.map((i) => -q[i] - held.reduce((sum, j) => sum + P[i][j] * margin, 0)),
    );
    const v = q.map((_, i) => (free.includes(i) ? some[free.indexOf(i)] : margin));
    if (v.some((value) => !(value >= margin))) continue;
    const value = v.reduce((sum, a, i) => sum + a * (q[i] + v.reduce((row, b, j) => row + (P[i][j] * b) / 2, 0)), 0);
    if (!found || value < found.value) found = { v, value };
  }
  if (!found) throw new Error("No v was found.");
  return found.v;
}
