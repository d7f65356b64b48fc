import { fileURLToPath } from "node:url";
import { type Backend, backends, loadBackend } from "../src/backend.js";

/** The path of a model beside the tests. */
export const modelAt = (name: string): string => fileURLToPath(new URL(`models/${name}`, import.meta.url));

/**
 * The backends that this machine has: cpu and wasm everywhere; EVERLEARN_TFJS_NODE names a folder with tfjs-node. What
 * EVERLEARN_REQUIRE_BACKEND names must be there.
 */
export const available: Backend[] = [];
for (const backend of backends)
  try {
    await loadBackend(backend, [fileURLToPath(new URL("..", import.meta.url))]);
    available.push(backend);
  } catch (error) {
    if (!(error instanceof RangeError) || backend === process.env.EVERLEARN_REQUIRE_BACKEND) throw error;
    console.warn(`Not tried: ${error.message}`);
  }
