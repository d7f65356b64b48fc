export { withoutSecrets } from "./environment.js";
export { createPacker, type Packed, unpackExamples, unpackQueries } from "./examples.js";
export { createFrameParser, createFrameReader, type Frame, headOf, writeFrame } from "./frame.js";
export { program, type ProgramDescription, type ProgramNeed } from "./program.js";
export { PROTOCOL } from "./protocol.js";
