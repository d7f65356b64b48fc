import { learner } from "./learner.mjs";

export default learner("writes-inputs", (honest) => ({
  ...honest,
  observe(batch) {
    for (const { x } of batch) x.fill(0.5, 0, 10);
    honest.observe(batch);
  },
}));
