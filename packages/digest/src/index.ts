export { digest } from "./canonical.js";
export { sha256 } from "#sha256";
