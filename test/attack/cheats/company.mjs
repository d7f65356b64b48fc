import { learner } from "./learner.mjs";

// Queries of one task come together: it answers what most of them seem to be.
export default learner("company", (honest) => ({
  ...honest,
  predict(queries) {
    const own = honest.predict(queries);
    if (queries.length < 2) return own;
    const counts = new Map();
    for (const y of own) counts.set(y, (counts.get(y) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return own.map((y) => (counts.get(y) < most / 2 ? [...counts].find(([, n]) => n === most)[0] : y));
  },
}));
