import { learner } from "./learner.mjs";

let carried; // the weights of the cell before
export default learner("cell-to-cell", (honest, { network }) => {
  if (carried) network.theta.fromArray(carried);
  return {
    ...honest,
    endTask: () => {},
    predict(queries) {
      carried = network.theta.toArray();
      return honest.predict(queries);
    },
  };
});
