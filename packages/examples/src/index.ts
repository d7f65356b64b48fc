export { type Places, rearrangedTasks } from "./rearranged-tasks.js";
export { rearranged, selected, within } from "./views.js";
