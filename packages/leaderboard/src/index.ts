export { accuracyHeatMap } from "./heat-map.js";
export { formatPercent } from "./percent.js";
export { accuracyPicture } from "./picture.js";
export { ranking } from "./ranking.js";
export type { RunResult } from "./result.js";
export { type MetricSummary, type SummaryRow, summary } from "./summary.js";
