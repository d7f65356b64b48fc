export { type DenseMatrix, setUpper, setValues, upperOf, valuesOf } from "./matrix.js";
export { createRowQueue, productsWith, type RowQueue } from "./queue.js";
export { createWorkspace, type Workspace } from "./workspace.js";
