import { learner } from "./learner.mjs";

export default learner("answers-nonsense", (honest) => ({
  ...honest,
  predict: (queries) => honest.predict(queries).slice(1),
}));
