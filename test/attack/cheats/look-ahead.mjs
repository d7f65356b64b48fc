import { learner } from "./learner.mjs";

// It keeps the test inputs that it is shown before their task, and steps on its own answers to them.
export default learner("look-ahead", (honest, { network }) => {
  const seen = [];
  return {
    ...honest,
    observe(batch) {
      honest.observe(batch);
      if (seen.length > 0) network.descend(seen.slice(-5), 0.01);
    },
    predict(queries) {
      const answers = honest.predict(queries);
      seen.push(...queries.map(({ x }, i) => ({ x, y: answers[i] })));
      return answers;
    },
  };
});
