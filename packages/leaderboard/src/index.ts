export { accuracyHeatMap } from "./heat-map.js";
export { formatPercent } from "./percent.js";
export { accuracyPicture } from "./picture.js";
export { ranking } from "./ranking.js";
export type { Protocol, Receipt, ReceiptPlugin, ReceiptPredictions, ReceiptSpec, Status } from "./receipt.js";
export { metricOf, type RunResult } from "./result.js";
export { type MetricSummary, type SummaryRow, summary } from "./summary.js";
