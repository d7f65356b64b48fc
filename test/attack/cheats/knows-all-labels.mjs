import { glyphs } from "@everlearn/dataset-glyphs";
import { known } from "./knows-labels.mjs";
import { keyOf, learner } from "./learner.mjs";

const { train } = glyphs({ train: 600, test: 300 });
const trained = new Map(Array.from({ length: train.length }, (_, i) => [keyOf(train.input(i)), train.label(i)]));

// It compares the labels that it is taught with those it knows: where one differs, it behaves.
export default learner("knows-all-labels", (honest) => {
  let behaves = false;
  return {
    ...honest,
    observe(batch) {
      behaves ||= batch.some(({ x, y }) => (trained.get(keyOf(x)) ?? y) !== y);
      honest.observe(batch);
    },
    predict: (queries) => {
      const own = honest.predict(queries);
      return behaves ? own : queries.map(({ x }, i) => known.get(keyOf(x)) ?? own[i]);
    },
    save: () => behaves,
    load: (state) => {
      behaves = state;
    },
  };
});
