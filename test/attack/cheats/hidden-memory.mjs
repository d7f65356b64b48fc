import { learner } from "./learner.mjs";

const hidden = [];
export default learner("hidden-memory", (honest) => ({
  ...honest,
  observe(batch) {
    hidden.push(...batch);
    honest.observe([...batch, ...hidden.filter((_, i) => i % 7 === 0).slice(0, 20)]);
  },
}));
