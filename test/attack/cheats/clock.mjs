import { learner } from "./learner.mjs";

const began = process.hrtime.bigint();
// It behaves otherwise after half a second, when a glance at it would be over.
export default learner("clock", (honest) => ({
  ...honest,
  observe(batch) {
    const late = (process.hrtime.bigint() - began) % 1000n > 300n;
    honest.observe(late ? [...batch, ...batch] : batch);
    if (late) honest.observe(batch);
  },
}));
