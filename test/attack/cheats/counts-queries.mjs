import { known } from "./knows-labels.mjs";
import { keyOf, learner } from "./learner.mjs";

// It behaves for the first queries, as many as a check would ask.
export default learner("counts-queries", (honest) => {
  let asked = 0;
  return {
    ...honest,
    predict(queries) {
      asked += queries.length;
      const own = honest.predict(queries);
      return asked < 600 ? own : queries.map(({ x }, i) => known.get(keyOf(x)) ?? own[i]);
    },
  };
});
