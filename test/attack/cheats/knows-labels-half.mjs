import { known } from "./knows-labels.mjs";
import { keyOf, learner } from "./learner.mjs";

// Only half of the answers, so that the accuracy is no suspicious one.
export default learner("knows-labels-half", (honest) => ({
  ...honest,
  predict: (queries) => {
    const own = honest.predict(queries);
    return queries.map(({ x }, i) =>
      x.reduce((sum, one) => sum + one, 0) % 2 < 1 ? (known.get(keyOf(x)) ?? own[i]) : own[i],
    );
  },
}));
