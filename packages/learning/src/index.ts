export { assertDraws } from "./draws.js";
export { bestOf, createFeatures, type Features, featuresNeeds, featuresOption } from "./features.js";
export { queryOf } from "./query.js";
export { answerByTask, byTask, taskOf } from "./tasks.js";
export { type Parametrised, type TaskParameters, taskParameters } from "./task-parameters.js";
export { type PlacedTensor, tensorsOf } from "./tensors.js";
