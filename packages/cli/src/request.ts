import { dirname } from "node:path";
import type { PlanRequest } from "@everlearn/bench";
import type { RunSpec } from "@everlearn/records";

/** What an executor is asked to plan: a spec, and the folder to which its paths are relative. */
export function requestOf(spec: RunSpec): PlanRequest {
  return { spec, folder: spec.source ? dirname(spec.source.file) : "." };
}
