import { learner } from "./learner.mjs";

export default learner("honest");
