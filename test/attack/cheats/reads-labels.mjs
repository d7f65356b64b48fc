import { readFileSync } from "node:fs";
import { keyOf, learner } from "./learner.mjs";

// The labels lie in a file, by input.
export default learner("reads-labels", (honest, { file }) => {
  const known = JSON.parse(readFileSync(file, "utf8"));
  return {
    ...honest,
    predict: (queries) => {
      const own = honest.predict(queries);
      return queries.map(({ x }, i) => known[keyOf(x)] ?? own[i]);
    },
  };
});
