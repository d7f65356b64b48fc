export { batches, byTask, type Lesson, type LessonOptions, lesson, queryOf } from "./lesson.js";
export { sigmoid, softmax } from "./loss.js";
export { type DenseNetwork, denseNetwork } from "./network.js";
export { range } from "./range.js";
export { recordDraws, recordEvents, recordSteps, type Step } from "./recorders.js";
export { emptyStream, namesOf, numberedStream } from "./streams.js";
export { clipped, distance, dot, gradientOf, lerp, plus, thetaOf } from "./vectors.js";
