export { type ImageSize, imageSize } from "./image-size.js";
export { type Pool, pool, withTraining } from "./pool.js";
export { type Places, rearrangedTasks } from "./rearranged-tasks.js";
export { selectedExperience, ofTask, rearranged, selected, within } from "./views.js";
