import { learner } from "./learner.mjs";

// Three hundred examples that it keeps, says so, and learns from without the network: no gradient is counted.
export default learner("own-budget", (honest) => {
  let kept = [];
  const distance = (a, b) => a.reduce((d, value, i) => d + (value - b[i]) ** 2, 0);
  return {
    ...honest,
    observe(batch) {
      kept = [...kept, ...batch].slice(-300);
    },
    predict: (queries) =>
      Uint16Array.from(queries, ({ x }) => {
        let [best, y] = [Infinity, 0];
        for (const one of kept) {
          const d = distance(x, one.x);
          if (d < best) [best, y] = [d, one.y];
        }
        return y;
      }),
    save: () => kept.map(({ x, y }) => ({ x, y })),
    load: (state) => {
      kept = [...state];
    },
  };
});
